package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"ines/shared/queue"
)

// mailbox is a queue with its dead letters.
type mailbox struct {
	queue, dead awssqs.Queue
}

// deadLetters is how long a dead letter waits for somebody to look: the longest
// that SQS keeps anything.
const deadLetters = 14 * 24

func (r *regional) makeQueues() {
	r.queues = map[string]mailbox{}
	for _, q := range r.Plan.Queues {
		dead := r.queue(queue.Dead(q.Name), q.FIFO, nil)
		live := r.queue(q.Name, q.FIFO, func(p *awssqs.QueueProps) {
			p.VisibilityTimeout = awscdk.Duration_Seconds(jsii.Number(q.Visibility.Seconds()))
			p.RetentionPeriod = awscdk.Duration_Seconds(jsii.Number(q.Retention.Seconds()))
			p.DeadLetterQueue = &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(q.MaxReceives)}
		})
		r.queues[q.Name] = mailbox{live, dead}
	}
}

// queue makes one queue, of either kind. Neither SQS nor anybody without TLS can
// read what is in it.
func (r *regional) queue(name string, fifo bool, more func(*awssqs.QueueProps)) awssqs.Queue {
	p := &awssqs.QueueProps{QueueName: jsii.String(r.named(name)), Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Hours(jsii.Number(deadLetters)), MaxMessageSizeBytes: jsii.Number(queue.MaxBody)}
	if fifo {
		p.Fifo = jsii.Bool(true)
		p.DeduplicationScope, p.FifoThroughputLimit = awssqs.DeduplicationScope_MESSAGE_GROUP, awssqs.FifoThroughputLimit_PER_MESSAGE_GROUP_ID
	}
	if more != nil {
		more(p)
	}
	q := awssqs.NewQueue(r.main, jsii.String(construct(name)), p)
	if more == nil {
		accept(q, "AwsSolutions-SQS3", "it holds dead letters itself")
	}
	return q
}

// construct is a name as CloudFormation likes it: CasesDeadFifo for
// cases-dead.fifo.
func construct(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '-' || c == '.' || c == '_' || c == '/' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
