// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

// A webHost is what runs on the web server all day.
type webHost struct {
	init, cron, sshd, nginx, worker, resolver, agent, monitor *process
	node                                                      *process // the service, until the deployment
	restarted                                                 *process // the service after it
}

func decimal(n int) string { return strconv.Itoa(n) }

func kib(n int) int64 { return int64(n) << 10 }
func mib(n int) int64 { return int64(n) << 20 }

// dash is the shell behind the name sh.
func dash(command string, lasts time.Duration) run {
	return run{name: "sh", command: command, image: program("/usr/bin/dash"), lasts: lasts}
}

// tool is a short run of a program of /usr/bin.
func tool(name, command string) run {
	return run{name: name, command: command, image: program("/usr/bin/" + name), lasts: 400 * time.Millisecond}
}

// bootWeb adds the processes that were there before the day began.
func (s *scene) bootWeb() *webHost {
	boot := s.day.Add(-62*time.Hour - 14*time.Minute)
	daemon := func(parent *process, pid int, name, path, command string, u *user) *process {
		return s.exists(parent, s.web, pid, run{name: name, command: command, image: program(path), user: u}, boot.Add(time.Duration(pid)*40*time.Millisecond))
	}
	w := &webHost{}
	w.init = daemon(nil, 1, "systemd", "/usr/lib/systemd/systemd", "/sbin/init", s.root)
	w.resolver = daemon(w.init, 412, "systemd-resolve", "/usr/lib/systemd/systemd-resolved", "/usr/lib/systemd/systemd-resolved", s.root)
	w.cron = daemon(w.init, 488, "cron", "/usr/sbin/cron", "/usr/sbin/cron -f", s.root)
	w.sshd = daemon(w.init, 533, "sshd", "/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", s.root)
	w.nginx = daemon(w.init, 561, "nginx", "/usr/sbin/nginx", "nginx: master process /usr/sbin/nginx -g daemon on;", s.root)
	w.worker = daemon(w.nginx, 562, "nginx", "/usr/sbin/nginx", "nginx: worker process", s.www)
	w.agent = daemon(w.init, 601, "sensor-agent", "/opt/sensor/bin/sensor-agent", "/opt/sensor/bin/sensor-agent --config /etc/sensor/agent.yaml", s.root)
	w.monitor = daemon(w.init, 640, "metricsd", "/usr/sbin/metricsd", "/usr/sbin/metricsd --listen 127.0.0.1:9100", s.root)
	w.node = daemon(w.init, 702, "node", "/usr/bin/node", "/usr/bin/node /srv/orders/server.js", s.www)
	return w
}

// service returns the process of the web service at a moment.
func (w *webHost) service(at time.Time) *process {
	if w.restarted != nil && !at.Before(w.restarted.start) {
		return w.restarted
	}
	return w.node
}

// webWork is an ordinary day of the web server.
func (s *scene) webWork(w *webHost) {
	s.webDeployment(w)
	s.webVisitors(w)
	s.webBackends(w)
	s.webThumbnails(w)
	s.webCron(w)
	s.webMonitoring(w)
	s.webUpdates(w)
	s.webAdministration(w)
}

// webDeployment replaces the service with its next version.
func (s *scene) webDeployment(w *webHost) {
	shell := s.sshSession(w, s.at(10, 18, 4), s.deploy, 9*time.Minute)
	at := s.at(10, 18, 31)
	s.start(shell, at, tool("git", "git -C /srv/orders pull --ff-only"))
	s.resolve(w.resolver, at.Add(300*time.Millisecond), "git.example.org", "")
	npm := s.start(shell, at.Add(14*time.Second), run{name: "npm ci", command: "npm ci --omit=dev", image: program("/usr/bin/node"), lasts: 40 * time.Second})
	s.resolve(w.resolver, at.Add(15*time.Second), "registry.example.org", "")
	s.connect(npm, at.Add(16*time.Second), flow{to: s.to("registry.example.org", 443), from: 41822, sent: kib(61), received: mib(9), count: 7, lasts: 20 * time.Second})
	sudo := s.start(shell, at.Add(71*time.Second), tool("sudo", "sudo systemctl restart orders"))
	s.start(sudo, at.Add(71200*time.Millisecond), run{name: "systemctl", command: "systemctl restart orders", image: program("/usr/bin/systemctl"), user: s.root, lasts: time.Second})
	began := at.Add(73 * time.Second)
	w.node.end = began
	w.restarted = s.start(w.init, began, run{name: "node", command: "/usr/bin/node /srv/orders/server.js", image: program("/usr/bin/node"), user: s.www, dir: "/srv/orders"})
	s.touch(w.restarted, began.Add(800*time.Millisecond), fileRead, document("/srv/orders/.env", "secrets", 412), "")
	s.touch(w.restarted, began.Add(820*time.Millisecond), fileRead, document("/srv/orders/config/production.json", "production", 2841), "")
}

// sshSession adds a logon from the jump host and returns the shell of it.
func (s *scene) sshSession(w *webHost, at time.Time, u *user, lasts time.Duration) *process {
	from := netip.AddrPortFrom(s.jumpHost, uint16(50000+at.Minute()*37+at.Second()))
	s.accept(w.sshd, at, from, 22, flow{sent: kib(14), received: kib(52), lasts: lasts}, nil)
	server := s.start(w.sshd, at.Add(500*time.Millisecond), run{name: "sshd", command: "sshd: " + u.login + " [priv]", image: program("/usr/sbin/sshd"), user: s.root, lasts: lasts})
	s.events = append(s.events, &logon{
		header:  header{at: at.Add(1200 * time.Millisecond), host: s.web},
		process: server, user: u, kind: "ssh", source: s.jumpHost, session: netip.AddrPortFrom(s.web.address, 22),
	})
	return s.start(server, at.Add(1500*time.Millisecond), run{name: "bash", command: "-bash", image: program("/usr/bin/bash"), user: u, dir: "/home/" + u.login, lasts: lasts})
}

// webVisitors are the people that the web server is for.
func (s *scene) webVisitors(w *webHost) {
	d := newDice(s.seed, "web visitors")
	agents := []string{"ExampleBrowser/128.0 (Windows)", "ExampleBrowser/128.0 (Macintosh)", "ExamplePhone/17.4", "ExampleBot/2.1 (+https://search.example.net/bot)"}
	paths := []string{"/", "/orders", "/orders/new", "/api/v1/orders", "/api/v1/orders/7731", "/api/v1/prices", "/static/app.js", "/static/app.css", "/login", "/account", "/healthz"}
	nets := []string{"203.0.113.", "192.0.2.", "198.51.100."}
	s.each(d, s.at(7, 0, 0), s.at(17, 0, 0), 85*time.Second, 80*time.Second, func(at time.Time) {
		visitor := netip.MustParseAddr(pick(d, nets) + decimal(d.in(120, 250)))
		req := &httpRequest{method: "GET", path: pick(d, paths), agent: pick(d, agents)}
		if d.n(6) == 0 {
			req.method, req.path = "POST", pick(d, []string{"/login", "/api/v1/orders", "/api/v1/reports/preview"})
		}
		times := d.in(1, 14)
		s.accept(w.worker, at, netip.AddrPortFrom(visitor, uint16(d.in(32768, 60999))), 443,
			flow{sent: int64(times * d.in(420, 1600)), received: int64(times * d.in(900, 48000)), count: times, lasts: d.span(50 * time.Second)}, req)
	})
}

// webBackends are the database, the cache and the sensor's own line home.
func (s *scene) webBackends(w *webHost) {
	d := newDice(s.seed, "web backends")
	s.each(d, s.at(7, 2, 0), s.at(17, 0, 0), 10*time.Minute, 40*time.Second, func(at time.Time) {
		n := d.in(20, 90)
		s.connect(w.service(at), at, flow{to: s.database, from: uint16(d.in(33000, 60999)), sent: int64(n * 310), received: int64(n * 2900), count: n, lasts: 9 * time.Minute})
		s.connect(w.service(at), at.Add(90*time.Millisecond), flow{to: s.cache, from: uint16(d.in(33000, 60999)), sent: int64(n * 95), received: int64(n * 240), count: 3 * n, lasts: 9 * time.Minute})
		if !s.plainSensor(s.web, at) {
			s.connect(w.agent, at.Add(3*time.Second), flow{to: s.agentHub, from: uint16(d.in(33000, 60999)), sent: kib(d.in(40, 120)), received: kib(2)})
		}
		s.resolve(w.resolver, at.Add(-300*time.Millisecond), pick(d, []string{"db.corp.example.com", "cache.corp.example.com", "agents.corp.example.com"}), "")
	})
}

// webThumbnails are the shells that the service starts for its own work.
func (s *scene) webThumbnails(w *webHost) {
	d := newDice(s.seed, "web thumbnails")
	s.each(d, s.at(7, 20, 0), s.at(16, 50, 0), 23*time.Minute, 12*time.Minute, func(at time.Time) {
		id := d.in(10000, 99999)
		convert := fmt.Sprintf("/usr/bin/convert /srv/orders/uploads/%d.png -resize 320x320 /srv/orders/thumbs/%d.jpg", id, id)
		shell := s.start(w.service(at), at, dash("/bin/sh -c "+convert, time.Second))
		p := s.start(shell, at.Add(40*time.Millisecond), tool("convert", convert))
		s.touch(p, at.Add(350*time.Millisecond), fileWritten, document(fmt.Sprintf("/srv/orders/thumbs/%d.jpg", id), "", int64(d.in(9000, 31000))), "")
	})
}

// webCron is what cron starts.
func (s *scene) webCron(w *webHost) {
	d := newDice(s.seed, "web cron")
	job := func(at time.Time, command string, parts ...run) *process {
		fork := s.start(w.cron, at, run{name: "cron", command: "/usr/sbin/CRON -f", image: program("/usr/sbin/cron"), user: s.root, lasts: 3 * time.Second})
		shell := s.start(fork, at.Add(15*time.Millisecond), dash("/bin/sh -c "+command, 3*time.Second))
		for i, r := range parts {
			s.start(shell, at.Add(time.Duration(40+30*i)*time.Millisecond), r)
		}
		return shell
	}
	s.each(d, s.at(7, 0, 1), s.at(17, 0, 0), 10*time.Minute, 500*time.Millisecond, func(at time.Time) {
		job(at, "command -v debian-sa1 > /dev/null && debian-sa1 1 1",
			run{name: "debian-sa1", command: "/bin/sh /usr/lib/sysstat/debian-sa1 1 1", image: program("/usr/bin/dash"), lasts: time.Second})
	})
	s.each(d, s.at(7, 17, 1), s.at(17, 0, 0), time.Hour, 500*time.Millisecond, func(at time.Time) {
		job(at, "cd / && run-parts --report /etc/cron.hourly", tool("run-parts", "run-parts --report /etc/cron.hourly"), tool("logrotate", "/usr/sbin/logrotate /etc/logrotate.conf"))
	})
	at := s.at(7, 30, 1)
	shell := job(at, "/usr/local/bin/backup-config")
	tar := s.start(shell, at.Add(time.Second), tool("tar", "tar -czf /var/backups/deploy-home.tgz -C /home/deploy ."))
	s.touch(tar, at.Add(1300*time.Millisecond), fileRead, document("/home/deploy/.ssh/id_ed25519", "key", 411), "")
	s.touch(tar, at.Add(2*time.Second), fileWritten, document("/var/backups/deploy-home.tgz", "backup", kib(88)), "")
	s.start(shell, at.Add(2300*time.Millisecond), tool("sha256sum", "sha256sum /var/backups/deploy-home.tgz"))
}

// webMonitoring asks the system how it is, by the same programs that an
// intruder would use.
func (s *scene) webMonitoring(w *webHost) {
	d := newDice(s.seed, "web monitoring")
	questions := []run{
		tool("df", "df -P"), tool("ss", "ss -s"), tool("uptime", "uptime"), tool("ps", "ps -eo pid,rss,comm"),
		tool("id", "id monitor"), tool("hostname", "hostname -f"), tool("uname", "uname -r"),
	}
	s.each(d, s.at(7, 5, 20), s.at(17, 0, 0), 15*time.Minute, 5*time.Second, func(at time.Time) {
		for i := range 2 {
			q := pick(d, questions)
			then := at.Add(time.Duration(i) * 700 * time.Millisecond)
			shell := s.start(w.monitor, then, dash("/bin/sh -c "+q.command, 500*time.Millisecond))
			s.start(shell, then.Add(30*time.Millisecond), q)
		}
	})
}

// webUpdates is the daily search for new packages.
func (s *scene) webUpdates(w *webHost) {
	d := newDice(s.seed, "web updates")
	at := s.at(9, 12, 6)
	daily := s.start(w.init, at, run{name: "apt.systemd.dai", command: "/bin/sh /usr/lib/apt/apt.systemd.daily update", image: program("/usr/bin/dash"), user: s.root, lasts: 2 * time.Minute})
	apt := s.start(daily, at.Add(2*time.Second), run{name: "apt-get", command: "apt-get -qq -y update", image: program("/usr/bin/apt-get"), lasts: time.Minute})
	s.resolve(w.resolver, at.Add(3*time.Second), "deb.example.org", "")
	for i := range 6 {
		then := at.Add(time.Duration(4+3*i) * time.Second)
		method := s.start(apt, then, run{name: "http", command: "/usr/lib/apt/methods/http", image: program("/usr/lib/apt/methods/http"), lasts: 20 * time.Second})
		s.connect(method, then.Add(200*time.Millisecond), flow{to: s.to("deb.example.org", 80), from: uint16(d.in(33000, 60999)), sent: 780, received: kib(d.in(40, 4000))})
		s.touch(method, then.Add(2*time.Second), fileWritten, document(fmt.Sprintf("/var/lib/apt/lists/partial/deb.example.org_%d", i), "", kib(d.in(40, 4000))), "")
	}
	upgrade := s.start(daily, at.Add(40*time.Second), run{name: "apt-get", command: "apt-get -qq -y --only-upgrade install tzdata", image: program("/usr/bin/apt-get"), lasts: time.Minute})
	dpkg := s.start(upgrade, at.Add(46*time.Second), run{name: "dpkg", command: "/usr/bin/dpkg --status-fd 9 --unpack /var/cache/apt/archives/tzdata_2026a-0_all.deb", image: program("/usr/bin/dpkg"), lasts: 9 * time.Second})
	s.start(dpkg, at.Add(47*time.Second), tool("dpkg-deb", "dpkg-deb --fsys-tarfile /var/cache/apt/archives/tzdata_2026a-0_all.deb"))
	s.start(dpkg, at.Add(50*time.Second), dash("/bin/sh /var/lib/dpkg/info/tzdata.postinst configure 2025c-0", 2*time.Second))
}

// webAdministration is an administrator at work, three times.
func (s *scene) webAdministration(w *webHost) {
	sessions := []struct {
		at       time.Time
		commands []run
	}{
		{s.at(8, 44, 10), []run{tool("ls", "ls -la /var/log/nginx"), tool("tail", "tail -n 200 /var/log/nginx/error.log"), tool("df", "df -h"), tool("id", "id"), tool("less", "less /etc/nginx/sites-enabled/orders")}},
		{s.at(11, 2, 40), []run{tool("ss", "ss -tlnp"), tool("ps", "ps aux"), tool("cat", "cat /etc/os-release"), tool("vim", "vim /etc/nginx/sites-enabled/orders"), tool("sudo", "sudo nginx -t"), tool("sudo", "sudo systemctl reload nginx"), tool("curl", "curl -sI https://127.0.0.1/healthz")}},
		{s.at(15, 31, 5), []run{tool("last", "last -n 20"), tool("uptime", "uptime"), tool("whoami", "whoami"), tool("cat", "cat /etc/passwd"), tool("grep", "grep -c 500 /var/log/nginx/access.log")}},
	}
	for _, session := range sessions {
		shell := s.sshSession(w, session.at, s.admin, 12*time.Minute)
		for i, r := range session.commands {
			s.start(shell, session.at.Add(time.Duration(20+35*i)*time.Second), r)
		}
	}
}
