package plan

// Field is a field of a line in the front door's log of accesses.
type Field struct {
	Name, Value string // Value is API Gateway's name for it
	Typical     string // what it says of a webhook: the model weighs it
}

// AccessLogClass is the class of its log group, as CloudFormation names it.
const AccessLogClass = "INFREQUENT_ACCESS"

// AccessLog are the fields of a line: who asked for what, and how it went. When it was
// the log knows itself. There are no paths, since some contain a customer's id, and no
// more than is needed to find out what was wrong: there is a line for each webhook.
var AccessLog = []Field{
	{"id", "$context.requestId", "UKv1wh4wCGYEJ7Q="},
	{"ip", "$context.identity.sourceIp", "203.0.113.195"},
	{"route", "$context.routeKey", "ANY /webhooks/{channel}/{inbox}"},
	{"status", "$context.status", "200"},
	{"ms", "$context.responseLatency", "14"},
	{"error", "$context.integrationErrorMessage", "-"},
	{"auth", "$context.authorizer.error", "-"},
}
