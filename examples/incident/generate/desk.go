// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"time"
)

const system32 = `C:\Windows\System32\`

// A deskHost is what runs on the workstation all day.
type deskHost struct {
	kernel, services, lsass, dcom, netsvcs, schedule, dns, update, search, defender, backup *process
	explorer, chrome, outlook, chat                                                         *process // from the morning's logon
}

// win is a short run of a program of System32.
func win(name, arguments string) run {
	r := run{name: name, command: name, image: program(system32 + name), lasts: 2 * time.Second}
	if arguments != "" {
		r.command += " " + arguments
	}
	return r
}

// bootDesk adds the processes that were there before the day began.
func (s *scene) bootDesk() *deskHost {
	boot := s.day.Add(-15*time.Hour - 3*time.Minute)
	service := func(parent *process, pid int, path, arguments string, u *user) *process {
		_, name := splitPath(path)
		command := path
		if arguments != "" {
			command += " " + arguments
		}
		return s.exists(parent, s.desk, pid, run{name: name, command: command, image: program(path), user: u}, boot.Add(time.Duration(pid)*11*time.Millisecond))
	}
	svchost := func(parent *process, pid int, group string, u *user) *process {
		return service(parent, pid, system32+"svchost.exe", "-k "+group, u)
	}
	k := &deskHost{}
	k.kernel = s.exists(nil, s.desk, 4, run{name: "System", user: s.system}, boot)
	smss := service(k.kernel, 412, system32+"smss.exe", "", s.system)
	wininit := service(smss, 620, system32+"wininit.exe", "", s.system)
	k.services = service(wininit, 748, system32+"services.exe", "", s.system)
	k.lsass = service(wininit, 764, system32+"lsass.exe", "", s.system)
	k.dcom = svchost(k.services, 880, "DcomLaunch -p", s.system)
	k.netsvcs = svchost(k.services, 984, "netsvcs -p", s.system)
	k.schedule = svchost(k.services, 996, "netsvcs -p -s Schedule", s.system)
	k.dns = svchost(k.services, 612, "NetworkService -p -s Dnscache", s.localService)
	k.update = svchost(k.services, 904, "netsvcs -p -s wuauserv", s.system)
	k.search = service(k.services, 944, system32+"SearchIndexer.exe", "/Embedding", s.system)
	k.defender = service(k.services, 928, `C:\Program Files\Windows Defender\MsMpEng.exe`, "", s.system)
	k.backup = service(k.services, 960, `C:\Program Files\Example Backup\agent.exe`, "--service", s.system)
	return k
}

// deskWork is an ordinary day of the workstation.
func (s *scene) deskWork(k *deskHost) {
	s.deskMorning(k)
	s.deskServices(k)
	s.deskBrowsing(k)
	s.deskOffice(k)
	s.deskDomain(k)
	s.deskInventory(k)
	s.deskUpdates(k)
	s.deskBackup(k)
	s.deskSupport(k)
}

// deskMorning is the logon of the person who works here.
func (s *scene) deskMorning(k *deskHost) {
	at := s.at(7, 52, 11)
	failed := logon{header: header{at: at, host: s.desk}, process: k.lsass, user: s.dana, kind: "interactive", failed: true}
	s.events = append(s.events, &failed)
	passed := failed
	passed.at, passed.failed = at.Add(9*time.Second), false
	s.events = append(s.events, &passed)
	logonUI := s.start(k.services, at.Add(10*time.Second), run{name: "userinit.exe", command: system32 + "userinit.exe", image: program(system32 + "userinit.exe"), user: s.dana, lasts: 20 * time.Second})
	k.explorer = s.start(logonUI, at.Add(11*time.Second), run{name: "explorer.exe", command: `C:\Windows\Explorer.EXE`, image: program(`C:\Windows\explorer.exe`), dir: `C:\Windows\system32\`})
	app := func(later time.Duration, path, arguments string) *process {
		_, name := splitPath(path)
		return s.start(k.explorer, at.Add(later), run{name: name, command: `"` + path + `"` + arguments, image: program(path), dir: `C:\Users\dana.reyes\`})
	}
	k.outlook = app(70*time.Second, `C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE`, "")
	k.chat = app(95*time.Second, `C:\Users\dana.reyes\AppData\Local\Chat\chat.exe`, " --autostart")
	k.chrome = app(160*time.Second, `C:\Program Files\Google\Chrome\Application\chrome.exe`, "")
}

// deskServices are the comings and goings of Windows itself.
func (s *scene) deskServices(k *deskHost) {
	d := newDice(s.seed, "desk services")
	guests := []struct {
		parent *process
		run    run
		user   *user
	}{
		{k.dcom, win("RuntimeBroker.exe", "-Embedding"), s.dana},
		{k.dcom, win("dllhost.exe", "/Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}"), s.dana},
		{k.dcom, win("backgroundTaskHost.exe", "-ServerName:App.AppXemn3t"), s.dana},
		{k.dcom, win("smartscreen.exe", "-Embedding"), s.dana},
		{k.schedule, win("taskhostw.exe", "Install $(Arg0)"), s.system},
		{k.schedule, win("taskhostw.exe", ""), s.dana},
		{k.services, win("svchost.exe", "-k wsappx -p -s ClipSVC"), s.system},
		{k.services, win("svchost.exe", "-k LocalService -p -s LicenseManager"), s.localService},
		{k.services, win("sppsvc.exe", ""), s.localService},
		{k.search, win("SearchProtocolHost.exe", "Global\\UsGthrFltPipeMssGthrPipe1_ Global\\UsGthrCtrlFltPipeMssGthrPipe1 1"), s.system},
		{k.search, win("SearchFilterHost.exe", "0 812 816 824 8192 820 796"), s.localService},
	}
	s.each(d, s.at(7, 0, 40), s.at(17, 0, 0), 150*time.Second, 140*time.Second, func(at time.Time) {
		g := pick(d, guests)
		r := g.run
		r.user, r.lasts = g.user, time.Minute+d.span(9*time.Minute)
		p := s.start(g.parent, at, r)
		if d.n(4) == 0 {
			key := fmt.Sprintf(`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\Staged\%04d`, d.in(1, 9999))
			s.set(p, at.Add(300*time.Millisecond), key, "LastUsed", decimal(int(at.Unix())), "")
		}
	})
}

// set adds that a process set a value of a registry key.
func (s *scene) set(p *process, at time.Time, key, value, data string, a act) {
	s.events = append(s.events, &registrySet{header{at: at, host: p.host, act: a}, p, key, value, data})
}

// deskBrowsing is the browser: its own processes, names and connections.
func (s *scene) deskBrowsing(k *deskHost) {
	d := newDice(s.seed, "desk browsing")
	sites := []string{"www.example.com", "news.example.org", "cdn.example.net", "bank.example.com", "travel.example.org", "search.example.net", "static.search.example.net"}
	kinds := []string{"renderer --lang=en-US", "utility --utility-sub-type=network.mojom.NetworkService", "gpu-process"}
	s.each(d, k.chrome.start.Add(time.Minute), s.at(16, 55, 0), 115*time.Second, 110*time.Second, func(at time.Time) {
		site := pick(d, sites)
		if d.n(2) == 0 {
			s.resolve(k.dns, at, site, "")
		}
		n := d.in(1, 9)
		s.connect(k.chrome, at.Add(60*time.Millisecond), flow{
			to: s.to(site, 443), from: uint16(d.in(49152, 65535)),
			sent: int64(n * d.in(700, 5200)), received: int64(n * d.in(2000, 190000)), count: n, lasts: d.span(80 * time.Second),
		})
		if d.n(5) == 0 {
			s.start(k.chrome, at.Add(20*time.Millisecond), run{
				name: "chrome.exe", image: k.chrome.image, lasts: 4 * time.Minute,
				command: fmt.Sprintf(`%s --type=%s --launch-time-ticks=%d`, k.chrome.commandLine, pick(d, kinds), d.in(1e8, 9e8)),
			})
		}
		if d.n(6) == 0 {
			s.touch(k.chrome, at.Add(time.Second), fileWritten, document(fmt.Sprintf(`C:\Users\dana.reyes\AppData\Local\Google\Chrome\User Data\Default\Cache\f_%06x`, d.n(1<<24)), "", int64(d.in(2000, 900000))), "")
		}
	})
}

// deskOffice is mail, chat and documents.
func (s *scene) deskOffice(k *deskHost) {
	d := newDice(s.seed, "desk office")
	s.each(d, k.outlook.start.Add(time.Minute), s.at(16, 55, 0), 9*time.Minute, 3*time.Minute, func(at time.Time) {
		s.connect(k.outlook, at, flow{to: s.to("mail.example.com", 443), from: uint16(d.in(49152, 65535)), sent: kib(d.in(3, 90)), received: kib(d.in(4, 700)), count: d.in(1, 4), lasts: time.Minute})
		s.connect(k.chat, at.Add(41*time.Second), flow{to: s.to("chat.example.com", 443), from: uint16(d.in(49152, 65535)), sent: kib(d.in(1, 30)), received: kib(d.in(1, 60)), count: d.in(1, 20), lasts: 4 * time.Minute})
		if d.n(3) == 0 {
			s.resolve(k.dns, at.Add(-time.Second), pick(d, []string{"mail.example.com", "chat.example.com"}), "")
		}
	})
	documents := []struct{ program, name, extension string }{
		{"WINWORD.EXE", "Minutes", "docx"}, {"EXCEL.EXE", "Forecast", "xlsx"}, {"EXCEL.EXE", "Payroll-2026-03", "xlsx"}, {"POWERPNT.EXE", "Quarter", "pptx"},
	}
	s.each(d, s.at(8, 20, 0), s.at(16, 30, 0), 24*time.Minute, 15*time.Minute, func(at time.Time) {
		doc := pick(d, documents)
		path := fmt.Sprintf(`C:\Users\dana.reyes\Documents\%s.%s`, doc.name, doc.extension)
		image := program(`C:\Program Files\Microsoft Office\root\Office16\` + doc.program)
		p := s.start(k.explorer, at, run{name: doc.program, command: fmt.Sprintf(`"%s\%s" "%s"`, image.dir, image.name, path), image: image, dir: `C:\Users\dana.reyes\Documents\`, lasts: 18 * time.Minute})
		s.touch(p, at.Add(2*time.Second), fileRead, document(path, "", kib(d.in(30, 400))), "")
		for i := range d.in(1, 4) {
			s.touch(p, at.Add(time.Duration(3+4*i)*time.Minute), fileWritten, document(path, fmt.Sprint(at.Unix(), i), kib(d.in(30, 400))), "")
		}
	})
}

// deskDomain is the traffic of a member of a domain.
func (s *scene) deskDomain(k *deskHost) {
	d := newDice(s.seed, "desk domain")
	dc := s.directory.Addr()
	port := func() uint16 { return uint16(d.in(49152, 65535)) }
	s.each(d, s.at(7, 1, 0), s.at(17, 0, 0), 11*time.Minute, 4*time.Minute, func(at time.Time) {
		s.resolve(k.dns, at, "dc01.corp.example.com", "")
		s.connect(k.lsass, at.Add(30*time.Millisecond), flow{to: netip.AddrPortFrom(dc, 88), from: port(), sent: int64(d.in(1400, 3100)), received: int64(d.in(1500, 3300)), count: d.in(1, 3), lasts: time.Second})
		s.connect(k.netsvcs, at.Add(200*time.Millisecond), flow{to: s.directory, from: port(), sent: int64(d.in(900, 4100)), received: int64(d.in(2500, 16000)), count: d.in(1, 5), lasts: 2 * time.Second})
		s.connect(k.kernel, at.Add(40*time.Second), flow{to: s.fileServer, from: port(), sent: kib(d.in(2, 60)), received: kib(d.in(2, 900)), count: d.in(1, 9), lasts: 3 * time.Minute})
	})
	s.each(d, s.at(7, 6, 0), s.at(17, 0, 0), 26*time.Minute, 9*time.Minute, func(at time.Time) {
		s.events = append(s.events, &logon{header: header{at: at, host: s.desk}, process: k.services, user: s.system, kind: "service"})
	})
}

// deskInventory is the script of the IT department, every hour. It asks what an
// intruder would ask.
func (s *scene) deskInventory(k *deskHost) {
	s.each(newDice(s.seed, "desk inventory"), s.at(7, 40, 0), s.at(17, 0, 0), time.Hour, 90*time.Second, func(at time.Time) {
		shell := s.start(k.schedule, at, powershell(`-NoProfile -File "C:\Program Files\Example Inventory\collect.ps1"`, s.system, 20*time.Second))
		for i, r := range []run{win("HOSTNAME.EXE", ""), win("whoami.exe", "/user"), win("ipconfig.exe", "/all"), win("systeminfo.exe", "/fo csv")} {
			s.start(shell, at.Add(time.Duration(2+3*i)*time.Second), r)
		}
		s.touch(shell, at.Add(16*time.Second), fileWritten, document(`C:\ProgramData\Example Inventory\last.json`, at.String(), 18400), "")
	})
}

// powershell is a run of Windows PowerShell.
func powershell(arguments string, u *user, lasts time.Duration) run {
	path := system32 + `WindowsPowerShell\v1.0\powershell.exe`
	return run{name: "powershell.exe", command: "powershell.exe " + arguments, image: program(path), user: u, lasts: lasts}
}

// deskUpdates are Windows and its virus definitions.
func (s *scene) deskUpdates(k *deskHost) {
	d := newDice(s.seed, "desk updates")
	s.each(d, s.at(8, 5, 0), s.at(17, 0, 0), 2*time.Hour, 20*time.Minute, func(at time.Time) {
		s.resolve(k.dns, at, "definitions.example.com", "")
		p := s.start(k.defender, at.Add(time.Second), run{name: "MpCmdRun.exe", command: `"C:\Program Files\Windows Defender\MpCmdRun.exe" SignatureUpdate -ScheduleJob`, image: program(`C:\Program Files\Windows Defender\MpCmdRun.exe`), lasts: time.Minute})
		s.connect(p, at.Add(2*time.Second), flow{to: s.to("definitions.example.com", 443), from: uint16(d.in(49152, 65535)), sent: 5100, received: mib(d.in(1, 9))})
		for _, base := range []string{"mpavbase", "mpasbase", "mpavdlta"} {
			s.touch(p, at.Add(20*time.Second), fileWritten, document(`C:\ProgramData\Microsoft\Windows Defender\Definition Updates\`+base+".vdm", at.String(), mib(d.in(1, 40))), "")
		}
		s.set(p, at.Add(30*time.Second), `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Defender\Signature Updates`, "SignaturesLastUpdated", decimal(int(at.Unix())), "")
	})
	at := s.at(12, 20, 0)
	s.connect(k.update, at, flow{to: s.to("update.example.com", 443), from: 50771, sent: kib(44), received: mib(211), count: 38, lasts: 4 * time.Minute})
	worker := s.start(k.dcom, at.Add(5*time.Minute), run{name: "TiWorker.exe", command: `C:\Windows\winsxs\amd64_servicingstack\TiWorker.exe -Embedding`, image: program(`C:\Windows\winsxs\amd64_servicingstack\TiWorker.exe`), user: s.system, lasts: 10 * time.Minute})
	for i := range 12 {
		s.touch(worker, at.Add(time.Duration(330+7*i)*time.Second), fileWritten, document(fmt.Sprintf(`C:\Windows\SoftwareDistribution\Download\Install\part%02d.cab`, i), "", mib(d.in(1, 30))), "")
	}
}

// deskBackup packs documents, as the intruder will, for better reasons.
func (s *scene) deskBackup(k *deskHost) {
	at := s.at(12, 0, 30)
	for i, folder := range []string{"Documents", "Desktop"} {
		then := at.Add(time.Duration(i) * 2 * time.Minute)
		archive := fmt.Sprintf(`C:\ProgramData\Example Backup\dana-%s.7z`, folder)
		p := s.start(k.backup, then, run{name: "7z.exe", command: fmt.Sprintf(`"C:\Program Files\Example Backup\7z.exe" a -t7z "%s" "C:\Users\dana.reyes\%s"`, archive, folder), image: program(`C:\Program Files\Example Backup\7z.exe`), lasts: 90 * time.Second})
		s.touch(p, then.Add(80*time.Second), fileWritten, document(archive, "", mib(31-9*i)), "")
		s.connect(k.backup, then.Add(100*time.Second), flow{to: s.fileServer, from: uint16(51200 + i), sent: mib(31 - 9*i), received: kib(70), lasts: 20 * time.Second})
	}
}

// deskSupport is a visit of the IT department over the same remote shell that
// the intruder will use.
func (s *scene) deskSupport(k *deskHost) {
	at := s.at(10, 41, 12)
	session := netip.AddrPortFrom(s.desk.address, 5985)
	s.accept(k.kernel, at, netip.AddrPortFrom(s.jumpHost, 52811), 5985, flow{sent: kib(22), received: kib(31), count: 4, lasts: 3 * time.Minute}, nil)
	s.events = append(s.events, &logon{header: header{at: at.Add(200 * time.Millisecond), host: s.desk}, process: k.lsass, user: s.support, kind: "network", source: s.jumpHost, session: session})
	shell := s.remoteShell(k, at.Add(700*time.Millisecond), s.support, 3*time.Minute, "")
	for i, r := range []run{win("HOSTNAME.EXE", ""), win("quser.exe", ""), win("gpupdate.exe", "/target:computer")} {
		s.start(shell, at.Add(time.Duration(4+20*i)*time.Second), r)
	}
}

// remoteShell starts the process that serves a remote PowerShell session.
func (s *scene) remoteShell(k *deskHost, at time.Time, u *user, lasts time.Duration, a act) *process {
	r := win("wsmprovhost.exe", "-Embedding")
	r.user, r.lasts, r.act = u, lasts, a
	return s.start(k.dcom, at, r)
}
