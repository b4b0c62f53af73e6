// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import "strings"

// modules are the modules of stix-shifter 5 to 8 that ask a product, sorted. The
// package that has one is stix-shifter-modules-<name>, with - for _.
var modules = []string{
	"abuseipdb", "alertflex", "alienvault_otx", "arcsight", "aws_athena", "aws_cloud_watch_logs", "aws_guardduty",
	"azure_log_analytics", "azure_sentinel", "bigfix", "carbonblack", "cbcloud", "cisco_secure_email", "crowdstrike",
	"crowdstrike_alerts", "crowdstrike_logscale", "cybereason", "darktrace", "datadog", "dshield", "elastic_ecs",
	"gcp_chronicle", "guardium", "ibm_security_verify", "infoblox", "intezer", "msatp", "mysql", "nozomi_vantage",
	"okta", "onelogin", "paloalto", "proofpoint", "qradar", "reaqta", "recorded_future", "reversinglabs", "rhacs",
	"secretserver", "security_advisor", "sentinelone", "splunk", "stix_bundle", "sumologic",
	"symantec_endpoint_security", "sysdig", "tanium", "threat_grid", "threat_q", "trellix_endpoint_security_hx",
	"trendmicro_vision_one", "vectra", "virus_total",
}

// packageOf returns the name of the Python package that has a module.
func packageOf(module string) string {
	return "stix-shifter-modules-" + strings.ReplaceAll(module, "_", "-")
}

// list writes names one after the other, and says how many are left out.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
