"""SNS by real clients: topics, subscriptions, messages, and what it says when it refuses."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:sns:us-east-1:111122223333"


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_topic_is_created_once_described_changed_and_deleted(sns):
    arn = sns.create_topic(Name="news", Attributes={"DisplayName": "News"})["TopicArn"]
    assert arn == f"{ACCOUNT}:news"
    assert sns.create_topic(Name="news")["TopicArn"] == arn
    assert refused(sns.create_topic, Name="news", Attributes={"DisplayName": "Other"}) == (
        "InvalidParameter",
        400,
    )
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Old news")
    found = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (found["DisplayName"], found["Owner"]) == ("Old news", "111122223333")
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)
    assert refused(sns.get_topic_attributes, TopicArn=arn) == ("NotFound", 404)
    assert refused(sns.publish, TopicArn=arn, Message="x") == ("NotFound", 404)


@pytest.mark.parametrize("name", ["a b", "x" * 257, "orders.fifo", ""])
def test_a_name_that_is_none_is_refused(sns, name):
    assert refused(sns.create_topic, Name=name) == ("InvalidParameter", 400)


def test_topics_are_listed_page_by_page(sns, bench):
    for number in range(120):
        sns.create_topic(Name=f"topic-{number}")
        bench.clock.advance(1)
    pages = [page["Topics"] for page in sns.get_paginator("list_topics").paginate()]
    assert [len(page) for page in pages] == [100, 20]
    assert pages[1][-1] == {"TopicArn": f"{ACCOUNT}:topic-119"}


def test_a_message_reaches_the_outbox_of_who_subscribed_by_mail(sns, bench):
    arn = sns.create_topic(Name="news")["TopicArn"]
    subscribed = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ana@example.com")
    again = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ana@example.com")
    assert subscribed["SubscriptionArn"] == again["SubscriptionArn"]
    sns.publish(TopicArn=arn, Message="Twelve new logos", Subject="Logos")
    [mail] = bench.engine.outbox.mails()
    assert (mail.recipient, mail.subject, mail.body) == (
        "ana@example.com",
        "Logos",
        "Twelve new logos",
    )
    [shown] = bench.engine.requester.call("outbox", {})["mails"]
    assert (shown["body"], shown["temporary_password"]) == ("Twelve new logos", None)
    found = sns.get_subscription_attributes(SubscriptionArn=subscribed["SubscriptionArn"])
    assert found["Attributes"]["Endpoint"] == "ana@example.com"
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []
    sns.publish(TopicArn=arn, Message="Nobody hears this")
    assert len(bench.engine.outbox.mails()) == 1


def test_every_message_can_be_read_in_the_log_of_its_topic(sns, client):
    arn = sns.create_topic(Name="news")["TopicArn"]
    sent = sns.publish(TopicArn=arn, Message="naïve ✓", Subject="S")
    group = "sns/us-east-1/111122223333/news"
    [event] = client("logs").get_log_events(logGroupName=group, logStreamName="messages")["events"]
    record = json.loads(event["message"])
    assert (record["message"], record["subject"]) == ("naïve ✓", "S")
    assert record["notification"]["messageId"] == sent["MessageId"]


def test_a_batch_of_messages_is_published_each_for_itself(sns):
    arn = sns.create_topic(Name="news")["TopicArn"]
    entries = [{"Id": "a", "Message": "one"}, {"Id": "b", "Message": "x" * 262_145}]
    found = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
    assert [entry["Id"] for entry in found["Successful"]] == ["a"]
    assert [(entry["Id"], entry["Code"]) for entry in found["Failed"]] == [
        ("b", "InvalidParameter")
    ]
    twice = [{"Id": "a", "Message": "one"}] * 2
    assert refused(sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=twice)[0] == (
        "BatchEntryIdsNotDistinct"
    )


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("publish", {"Message": ""}),
        ("publish", {"Message": "x" * 262_145}),
        ("publish", {"Message": "{}", "MessageStructure": "json"}),
        ("subscribe", {"Protocol": "https", "Endpoint": "https://example.com"}),
        ("subscribe", {"Protocol": "email", "Endpoint": "nobody"}),
        (
            "subscribe",
            {"Protocol": "email", "Endpoint": "a@b.c", "Attributes": {"FilterPolicy": "{}"}},
        ),
        ("set_topic_attributes", {"AttributeName": "Colour", "AttributeValue": "red"}),
    ],
)
def test_what_cannot_be_done_here_is_refused(sns, operation, params):
    arn = sns.create_topic(Name="news")["TopicArn"]
    assert refused(getattr(sns, operation), TopicArn=arn, **params) == ("InvalidParameter", 400)


def test_no_telephone_is_reached(sns):
    assert refused(sns.publish, PhoneNumber="+15550100", Message="x")[0] == "InvalidParameter"


def test_topics_have_tags(sns):  # C28
    arn = sns.create_topic(Name="news", Tags=[{"Key": "project", "Value": "logos"}])["TopicArn"]
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "ana"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["project"])
    found = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert found == [{"Key": "owner", "Value": "ana"}]
