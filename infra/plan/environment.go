package plan

import (
	"slices"
	"strings"
)

// The environment variables that a function's bootstrap reads and the CDK app
// sets. None holds a secret.
const (
	EnvStage   = "INES_STAGE"
	EnvTable   = "INES_TABLE"   // the table's name
	EnvArchive = "INES_ARCHIVE" // the archive bucket's name
	EnvBus     = "INES_BUS"     // the event bus's name
	// EnvMail is the bucket's name that large mail is fetched from, EnvMailOwner the
	// account that it must belong to. They may be absent: then none is fetched.
	EnvMail      = "INES_MAIL_BUCKET"
	EnvMailOwner = "INES_MAIL_BUCKET_OWNER"
	// EnvDesk is the desk policy's file, relative to the bundle or absolute;
	// BundledDesk is what the build puts there.
	EnvDesk = "INES_DESK"
	// EnvSecrets is what the names of SSM parameters begin with, such as
	// SecretsPrefix gives it: <prefix>/inbox/<inbox>/secret.
	EnvSecrets = "INES_SECRETS"
	// EnvPublicURL is the address under which platforms reach receive, without
	// a slash at the end. Some sign it, and some are told it with a reply.
	EnvPublicURL = "INES_PUBLIC_URL"
	// EnvConsoleURL is the address under which browsers reach the desk, without
	// a slash at the end: people come back to it from signing in, at
	// SignInCallback.
	EnvConsoleURL = "INES_CONSOLE_URL"
	// EnvIssuer is the OIDC issuer's URL, exactly as it is in the iss claim;
	// EnvClient the console's client id there, which has no client secret.
	EnvIssuer = "INES_ISSUER"
	EnvClient = "INES_CLIENT"
	// EnvClaim is the claim that names the colleague, by id or by e-mail
	// address; where it is not set it is custom:colleague, else a verified email.
	// It may be absent.
	EnvClaim = "INES_COLLEAGUE_CLAIM"
	// EnvOrigin is the name of the SSM parameter with the word that the edge in
	// front says in the header OriginHeader. It may be absent: then there is no
	// edge, and everybody may come to the HTTP API directly.
	EnvOrigin = "INES_ORIGIN"
)

// OriginHeader carries what proves that a request came through the edge.
const OriginHeader = "x-origin-verify"

// BundledDesk is the desk policy's file in a function's bundle.
const BundledDesk = "desk.yaml"

// BundledPolicy is what is compiled from the desk policy, beside it in a function's
// bundle: the functions read it instead.
const BundledPolicy = "desk.compiled"

// BundledZones is the time zones' file in a function's bundle: rules may name any
// zone, and Lambda's runtime knows none.
const BundledZones = "zoneinfo.zip"

// BundledHeads is the folder of the models that ship with ines, in the bundle of a
// function that classifies.
const BundledHeads = "heads"

// BundledWords is the file of the word lists and of the words of the policy's topics,
// made ready, in the bundle of a function that classifies.
const BundledWords = "desk.words"

// The paths below EnvConsoleURL that the issuer must know: where it sends people
// back to after signing in, and after signing out.
const (
	SignInCallback = "/sign-in/callback"
	SignedOut      = "/signed-out"
)

// QueueVariable is the variable that holds a queue's URL: INES_QUEUE_CASES_FIFO
// for cases.fifo.
func QueueVariable(queue string) string {
	return "INES_QUEUE_" + strings.ToUpper(strings.ReplaceAll(queue, ".", "_"))
}

// IsStage reports whether a stage may be named so: up to 20 small letters, digits and
// hyphens, a letter first. Names of queues, functions and parameters begin with it.
func IsStage(name string) bool {
	for i := range len(name) {
		c := name[i]
		if letter := c >= 'a' && c <= 'z'; !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != "" && len(name) <= 20
}

// LogGroup is where a function of a stage logs to.
func LogGroup(stage, function string) string { return "/ines/" + stage + "/" + function }

// SecretsPrefix is where a stage's SSM parameters are.
func SecretsPrefix(stage string) string { return "/ines/" + stage }

// Variables are the variables that the function needs, in order.
func (f Function) Variables() []string {
	vars := []string{EnvStage, EnvDesk}
	if len(f.Table) > 0 {
		vars = append(vars, EnvTable)
	}
	if len(f.Archive) > 0 {
		vars = append(vars, EnvArchive)
	}
	if len(f.Secrets) > 0 {
		vars = append(vars, EnvSecrets)
	}
	if f.Publishes {
		vars = append(vars, EnvBus)
	}
	if f.MailBucket != "" {
		vars = append(vars, EnvMail, EnvMailOwner)
	}
	for _, q := range f.Sends {
		vars = append(vars, QueueVariable(q))
	}
	if f.Postpones {
		vars = append(vars, QueueVariable(f.Trigger.Queue))
	}
	switch f.Name {
	case Receive, Reply:
		vars = append(vars, EnvPublicURL)
	case Desk:
		vars = append(vars, EnvConsoleURL, EnvIssuer, EnvClient)
	}
	slices.Sort(vars)
	return slices.Compact(vars)
}
