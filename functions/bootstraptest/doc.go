// Package bootstraptest runs the functions' bootstraps as Lambda does: as processes
// that ask a Runtime API for events. Its tests build them, give them stand-ins of
// AWS's services, and lead a webhook through all of them. Nothing imports it.
package bootstraptest
