package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"ines/shared/table/stream"
)

// store is what must not be lost. It has a stack of its own, so that whatever is
// done to the other one, this one stays.
type store struct {
	key     awskms.Key
	table   awsdynamodb.TableV2
	archive awss3.Bucket
	people  awscognito.UserPool // nil where colleagues sign in elsewhere
	signIn  awscognito.UserPoolDomain
}

// failures is where Lambda puts stream records that relay could not work on:
// it chooses the prefix itself.
const failures = "aws/lambda/"

func (r *regional) makeStore() {
	r.store.key = awskms.NewKey(r.data, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Ines, stage " + r.Stage.Name + ": alarms"),
		EnableKeyRotation: jsii.Bool(true), RemovalPolicy: r.kept(),
	})
	// Alarms are told to an encrypted topic, which CloudWatch may only use with a
	// key of ours.
	r.store.key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AlarmsToTheTopic"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"), // in a key's policy this is the key
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": r.data.Account()}},
	}), nil)
	r.makeTable()
	r.makeArchive()
	if r.Stage.SignIn == nil {
		r.makePeople()
	}
}

func (r *regional) makeTable() {
	text := func(name string) *awsdynamodb.Attribute {
		return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
	}
	var indexes []*awsdynamodb.GlobalSecondaryIndexPropsV2
	for _, name := range r.Plan.Table.Indexes {
		indexes = append(indexes, &awsdynamodb.GlobalSecondaryIndexPropsV2{IndexName: jsii.String(name),
			PartitionKey: text(stream.IndexPartition(name)), SortKey: text(stream.IndexSort(name)), ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY})
	}
	var replicas []*awsdynamodb.ReplicaTableProps
	for _, region := range r.Stage.Replicas {
		replicas = append(replicas, &awsdynamodb.ReplicaTableProps{Region: jsii.String(region)})
	}
	r.store.table = awsdynamodb.NewTableV2(r.data, jsii.String("Table"), &awsdynamodb.TablePropsV2{
		PartitionKey: text(stream.Partition), SortKey: text(stream.Sort), GlobalSecondaryIndexes: &indexes,
		Billing: awsdynamodb.Billing_OnDemand(nil), DynamoStream: awsdynamodb.StreamViewType_NEW_IMAGE,
		TimeToLiveAttribute: jsii.String(r.Plan.Table.TTL), Encryption: awsdynamodb.TableEncryptionV2_AwsManagedKey(),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		DeletionProtection:               jsii.Bool(r.Stage.Retain), RemovalPolicy: r.kept(), Replicas: &replicas,
	})
}

func (r *regional) makeArchive() {
	rules := []*awss3.LifecycleRule{{
		Id: jsii.String("leftovers"), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		// What is erased on a customer's wish is really gone after a week; until
		// then a mistake can be mended.
		NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(7)),
	}}
	if r.Stage.ArchiveDays > 0 {
		rules = append(rules, &awss3.LifecycleRule{Id: jsii.String("age"), Expiration: awscdk.Duration_Days(jsii.Number(r.Stage.ArchiveDays))})
	}
	r.store.archive = awss3.NewBucket(r.data, jsii.String("Archive"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL: jsii.Bool(true), MinimumTLSVersion: jsii.Number(1.2),
		// With S3's own keys, as the driver asks for each object: who may read is the
		// roles' affair alone, and a storm costs no requests to KMS.
		Encryption: awss3.BucketEncryption_S3_MANAGED,
		Versioned:  jsii.Bool(true), LifecycleRules: &rules, RemovalPolicy: r.kept(),
	})
	accept(r.store.archive, "AwsSolutions-S1", "three functions and the operator read it; who wants each access on record switches on CloudTrail's data events, "+
		"which tell more than access logs and can't be written by the bucket's own users")
}

// makePeople makes the pool that colleagues sign in with, for whoever has none.
func (r *regional) makePeople() {
	yes, no := jsii.Bool(true), jsii.Bool(false)
	r.store.people = awscognito.NewUserPool(r.data, jsii.String("People"), &awscognito.UserPoolProps{
		UserPoolName: jsii.String(r.named("people")), SelfSignUpEnabled: no, SignInAliases: &awscognito.SignInAliases{Email: yes},
		AutoVerify: &awscognito.AutoVerifiedAttrs{Email: yes}, AccountRecovery: awscognito.AccountRecovery_EMAIL_ONLY,
		Mfa: awscognito.Mfa_REQUIRED, MfaSecondFactor: &awscognito.MfaSecondFactor{Otp: yes, Sms: no},
		PasswordPolicy: &awscognito.PasswordPolicy{MinLength: jsii.Number(12), RequireDigits: yes, RequireLowercase: yes, RequireSymbols: yes,
			RequireUppercase: yes, TempPasswordValidity: awscdk.Duration_Days(jsii.Number(3))},
		// The colleague's id in the desk policy, for people whose address is not in it.
		CustomAttributes:   &map[string]awscognito.ICustomAttribute{"colleague": awscognito.NewStringAttribute(&awscognito.StringAttributeProps{Mutable: yes})},
		DeletionProtection: jsii.Bool(r.Stage.Retain), RemovalPolicy: r.kept(),
	})
	const noPlus = "threat protection needs the Plus plan, which is paid by the user; sign-up is closed and a second factor is required"
	accept(r.store.people, "AwsSolutions-COG3", noPlus)
	accept(r.store.people, "AwsSolutions-COG8", noPlus)
	// The prefix must be unlike everybody's in the region.
	r.store.signIn = awscognito.NewUserPoolDomain(r.data, jsii.String("SignIn"), &awscognito.UserPoolDomainProps{UserPool: r.store.people,
		CognitoDomain: &awscognito.CognitoDomainOptions{DomainPrefix: jsii.String(r.named(*r.data.Account()))}})
	if r.Stage.Retain {
		r.store.signIn.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	}
}
