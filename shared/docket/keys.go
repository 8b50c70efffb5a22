package docket

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"ines/shared/message"
	"ines/shared/table"
)

// The table's keys, as README.md lists them.

const (
	logPrefix  = "log#"
	snapPrefix = "snap#"
	viewSort   = "view"
)

// IndexQueue and the others are the table's indexes.
const (
	IndexQueue    = "queue"
	IndexOwner    = "owner"
	IndexCustomer = "customer"
	IndexDue      = "due"
)

// Indexes lists them all.
var Indexes = []string{IndexQueue, IndexOwner, IndexCustomer, IndexDue}

// Streamed reports whether changes of an item concern relay: commits alone do.
func Streamed(k table.Key) bool { return IsCommit(k) }

// IsCommit reports whether a key is a commit's.
func IsCommit(k table.Key) bool {
	return strings.HasPrefix(k.Partition, "case#") && strings.HasPrefix(k.Sort, logPrefix)
}

func casePartition(id string) string { return "case#" + id }

func logKey(id string, seq int64) table.Key {
	return table.Key{Partition: casePartition(id), Sort: logSort(seq)}
}

// Twelve digits keep byte order the order of numbers.
func logSort(seq int64) string { return fmt.Sprintf("%s%012d", logPrefix, seq) }

func snapKey(id string, seq int64) table.Key {
	return table.Key{Partition: casePartition(id), Sort: fmt.Sprintf("%s%012d", snapPrefix, seq)}
}

func viewKey(id string) table.Key { return table.Key{Partition: casePartition(id), Sort: viewSort} }

func threadKey(channel, inbox, key string) table.Key {
	return table.Key{Partition: "thread#" + channel + "#" + inbox + "#" + key, Sort: "case"}
}

func handleKey(h message.Handle) table.Key {
	return table.Key{Partition: "handle#" + h.Channel + "#" + h.Scope + "#" + h.ID, Sort: "customer"}
}

func consentKey(inbox string, h message.Handle) table.Key {
	return table.Key{Partition: handleKey(h).Partition, Sort: consentPrefix + inbox}
}

const consentPrefix = "consent#"

func openKey(customer, brand string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: openPrefix + brand}
}

const openPrefix = "open#"

// jointKey leads from several customers who are one to the case that one of them
// opened last: customer is the one who stands for all.
func jointKey(customer, brand string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: "joint#" + brand}
}

func identityKey(customer string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: "identity"}
}

// evidenceKey is where those are noted who stated the same; at is a keyed hash of it.
func evidenceKey(brand, at string) table.Key {
	return table.Key{Partition: "evidence#" + brand + "#" + at, Sort: "stated"}
}

// statedKey says of a customer that he is noted at an evidenceKey.
func statedKey(customer, brand, at string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: statedPrefix + brand + "#" + at}
}

const statedPrefix = "evidence#"

func profileKey(customer string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: "profile"}
}

func messageKey(channel, inbox, id string) table.Key {
	return table.Key{Partition: "message#" + channel + "#" + inbox + "#" + id, Sort: "ref"}
}

func holdKey(inbox string) table.Key {
	return table.Key{Partition: "inbox#" + inbox, Sort: "hold"}
}

// fileKey is where the copy of a message's attachment is found by whoever asks for
// it again; caseFileKey says that a case was told of it.
func fileKey(channel, inbox, id string, index int) table.Key {
	return table.Key{Partition: messageKey(channel, inbox, id).Partition, Sort: "file#" + strconv.Itoa(index)}
}

func caseFileKey(channel, inbox, id string, index int, of string) table.Key {
	k := fileKey(channel, inbox, id, index)
	k.Sort += "#" + of
	return k
}

func ledgerKey(reply string) table.Key {
	return table.Key{Partition: "reply#" + reply, Sort: "ledger"}
}

func receiptKey(item string) table.Key {
	envelope, index, _ := strings.Cut(item, "#")
	return table.Key{Partition: "delivery#" + envelope, Sort: "item#" + index}
}

func idemKey(colleague, key string) table.Key {
	return table.Key{Partition: "idem#" + colleague + "#" + key, Sort: "response"}
}

// spentKey is a colleague's day, 2006-01-02.
func spentKey(colleague, day string) table.Key {
	return table.Key{Partition: colleaguePartition(colleague), Sort: "spent#" + day}
}

// automaticKey is a customer's day, 2006-01-02.
func automaticKey(customer, day string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: "automatic#" + day}
}

// seatKey is a colleague's place at the desk: whether he is there, and what he was
// given.
func seatKey(colleague string) table.Key {
	return table.Key{Partition: "colleague#" + colleague, Sort: "seat"}
}

func counterKey(metric, bucket string, shard int) table.Key {
	if metric == metricColleague {
		who, sort, _ := strings.Cut(bucket, "#")
		return table.Key{Partition: colleaguePartition(who), Sort: sort}
	}
	return table.Key{Partition: "count#" + metric + "#" + bucket, Sort: strconv.Itoa(shard)}
}

func sheetKey(n int) table.Key {
	return table.Key{Partition: "sheet#" + strconv.Itoa(n), Sort: "counted"}
}

// FlowBucket is the quarter of an hour that arrivals and resolutions are counted in.
func FlowBucket(t time.Time) string {
	return t.UTC().Truncate(15 * time.Minute).Format("2006-01-02T15:04Z")
}

func shardOf(id string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % uint32(max(n, 1)))
}

// instant writes a time so that byte order is the order of time.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
