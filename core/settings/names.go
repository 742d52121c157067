package settings

import (
	"strings"

	"github.com/polycors/cors/core/internal/near"
)

// This file guesses which setting was meant by an unknown name. The guess becomes part of an error,
// where a wrong guess is worse than none. So a name is considered similar to another only up to a
// certain distance.

// The meanings of names that are not keys. A guess is one of them, a key, or "".
const (
	allowsAllOrigins = "all origins" // such as allow_all
	allowsAllMethods = "all methods"
	allowsAllHeaders = "all headers"
	isSwitch         = "switch"  // such as enabled
	isFunc           = "func"    // such as allow_origin_func
	isWrapper        = "wrapper" // such as cors
)

// synonyms maps other names for settings to their meanings. These are names in other libraries, and
// names that people may try. They are in the form that canonical returns.
var synonyms = func() map[string]string {
	m := map[string]string{}
	for meaning, names := range map[string]string{
		"allow_origins": "origin origins domain domains allowdomain allowdomains whitelist whitelists originwhitelist " +
			"originswhitelist whitelistorigins whitelistdomains allowlist originallowlist originsallowlist host " +
			"hosts allowhosts url urls allowurls site sites allowsites client clients clienturl frontend " +
			"frontendurl frontendorigin originslist originlist permittedorigins acceptedorigins validorigins " +
			"alloworiginslist",
		"allow_origin_regexes": "alloworiginregex alloworiginsregex alloworiginsregexes originregex originregexes " +
			"originpattern originpatterns originspatterns alloworiginpattern alloworiginpatterns alloworiginspatterns " +
			"alloworiginsregexp originregexp originregexwhitelist regex regexes",
		"allow_methods":  "method methods verbs httpmethods allowhttpmethods allowverbs requestmethods",
		"allow_headers":  "header headers allowrequestheaders requestheaders httpheaders allowhttpheaders",
		"expose_headers": "expose exposeheader exposeresponseheaders responseheaders exposure",
		"allow_credentials": "credential credentials supportscredentials supportcredentials withcredentials cookies " +
			"allowcookies includecredentials usecredentials credentialsallow acceptcredentials",
		"max_age": "age ttl cache cachetime cachettl cachemaxage cacheseconds cacheduration maxageseconds maxagesecs " +
			"maxageinseconds preflightmaxage preflightmaxageseconds preflightcache preflightcachetime preflightttl",
		"allow_private_network": "privatenetwork privatenetworks allowprivatenetworks privatenetworkaccess pna",
		"preflight_status": "status statuscode successstatus optionssuccessstatus optionssuccessstatuscode optionsstatus " +
			"optionsstatuscode optionsresponsestatuscode preflightstatuscode preflightsuccessstatus",
		"continue_preflight":   "preflightcontinue optionspassthrough continueonpreflight passthrough preflightpassthrough",
		"routes":               "path paths resources mappings policies rules",
		"path":                 "pattern prefix pathprefix urlprefix route mapping",
		"path_regex":           "urlregex urlsregex pathpattern pathregexp pathsregex",
		"csrf_trusted_origins": "trustedorigins trustedorigin csrforigins csrftrusted csrfalloworigins",
		"csrf_exempt_paths": "exemptpaths exempt exempturls csrfexempt csrfexempturls csrfignorepaths csrfexcludepaths " +
			"csrfskippaths csrfexemptroutes",
		allowsAllOrigins: "allowall alloworiginall originallowall alloworiginsall allowanyorigin anyorigin allorigins " +
			"allowallorigin allowallorigins alloweveryorigin allowalldomains allowallhosts wildcard allowany",
		allowsAllMethods: "allowallmethods allowanymethod allowanymethods anymethod allmethods",
		allowsAllHeaders: "allowallheaders allowanyheader allowanyheaders anyheader allheaders",
		isSwitch:         "enabled enable enableall disabled on off active isenabled use enablecors",
		isFunc: "alloworiginfunc alloworiginfunction alloworiginrequestfunc alloworiginvaryrequestfunc " +
			"alloworiginwithcontextfunc alloworiginsfunc skipper next ondecision validateorigin",
		isWrapper: "config configuration settings options policy defaultpolicy globalcors corsmiddleware",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = meaning
		}
	}
	return m
}()

// canonical converts a name to the form in which names are compared. It removes differences in
// case, hyphens, underscores and dots, and a prefix such as cors_.
func canonical(name string) string {
	const most = 64 // no setting has a longer name
	name = strings.ToLower(name[:min(len(name), most)])
	name = strings.NewReplacer("_", "", "-", "", ".", "", " ", "", "allowed", "allow", "exposed", "expose").Replace(name)
	name = strings.TrimPrefix(strings.TrimPrefix(name, "cors"), "accesscontrol")
	return name
}

// guess returns the known name that was probably meant by name. If no known name is similar, it
// returns the meaning of name as a synonym, or "". A short name is similar only to names that are
// one edit away.
func guess(name string, known []string) string {
	name = canonical(name)
	if name == "" {
		return ""
	}
	for _, k := range known {
		if canonical(k) == name {
			return k
		}
	}
	if meaning := synonyms[name]; meaning != "" {
		return meaning
	}
	best, fewest := "", near.Limit(name)+1
	for _, k := range known {
		if n := near.Distance(name, canonical(k), fewest-1); n < fewest {
			best, fewest = k, n
		}
	}
	if best == "" && len(name) > 5 {
		least := "" // of the synonyms that are one edit away, so that the result is always the same
		for synonym, meaning := range synonyms {
			if near.Distance(name, synonym, 1) == 1 && (least == "" || synonym < least) {
				best, least = meaning, synonym
			}
		}
	}
	return best
}
