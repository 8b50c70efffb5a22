// Package conform holds the tests of the dynamo driver that need DynamoDB Local,
// and so Java. They are apart from the driver because `make check` leaves this
// package out; `make test` runs it.
package conform
