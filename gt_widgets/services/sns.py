"""Amazon SNS: topics to publish data objects on, and to hear of finished ones.

Layer: services. One function per operation, AWS's keys in and out. Standard topics only; messages
reach streaming jobs and, by e-mail subscriptions, the local outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from gt_widgets.engine.topics import Subscription
    from gt_widgets.services.call import Call

__all__ = [
    "create_topic",
    "delete_topic",
    "get_subscription_attributes",
    "get_topic_attributes",
    "list_subscriptions",
    "list_subscriptions_by_topic",
    "list_tags_for_resource",
    "list_topics",
    "publish",
    "publish_batch",
    "set_topic_attributes",
    "subscribe",
    "tag_resource",
    "unsubscribe",
    "untag_resource",
]

_BATCH = 10
"""Messages of one PublishBatch, at most."""


def create_topic(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create a topic, or find the one of that name."""
    with call.engine.store.begin():
        arn = call.engine.topics.create(params["Name"], params.get("Attributes"))
        if params.get("Tags"):
            call.engine.tags.add(arn, params["Tags"])
    return {"TopicArn": arn}


def delete_topic(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a topic; no change if it is not there."""
    with call.engine.store.begin():
        call.engine.topics.delete(params["TopicArn"])
        call.engine.tags.forget(params["TopicArn"])
    return {}


def list_topics(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List topics, 100 at a time."""
    page = call.engine.topics.page(token=params.get("NextToken"))
    return {
        "Topics": [{"TopicArn": topic.arn} for topic in page.rows],
        "NextToken": page.next_token,
    }


def get_topic_attributes(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a topic."""
    topic = call.engine.topics.get(params["TopicArn"])
    count = len(call.engine.topics.subscriptions(topic.arn))
    return {
        "Attributes": {
            "TopicArn": topic.arn,
            "Owner": call.account_id,
            "DisplayName": "",
            "SubscriptionsConfirmed": str(count),
            "SubscriptionsPending": "0",
            "SubscriptionsDeleted": "0",
            **topic.attributes,
        }
    }


def set_topic_attributes(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Set one attribute of a topic."""
    call.engine.topics.set_attribute(
        params["TopicArn"], params["AttributeName"], params.get("AttributeValue", "")
    )
    return {}


def publish(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Publish a message on a topic.

    Raises
    ------
    ServiceError
        ``InvalidParameter`` for a telephone number, and as `Topics.publish` does.
    """
    arn = params.get("TopicArn") or params.get("TargetArn")
    if arn is None or "PhoneNumber" in params:
        raise _invalid("TopicArn: messages are published on topics only; no telephone is reached.")
    text = _text(params)
    message_id = call.engine.topics.publish(arn, text, subject=params.get("Subject"))
    call.engine.wake()
    return {"MessageId": message_id}


def publish_batch(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Publish up to ten messages on a topic; each succeeds or fails for itself.

    Raises
    ------
    ServiceError
        ``TooManyEntriesInBatchRequest`` or ``BatchEntryIdsNotDistinct``.
    """
    entries = params["PublishBatchRequestEntries"]
    ids = [entry["Id"] for entry in entries]
    if not 0 < len(entries) <= _BATCH:
        raise ServiceError("TooManyEntriesInBatchRequest", f"1 to {_BATCH} entries are allowed.")
    if len(set(ids)) != len(ids):
        raise ServiceError("BatchEntryIdsNotDistinct", "Two entries have the same Id.")
    call.engine.topics.get(params["TopicArn"])
    done, failed = [], []
    for entry in entries:
        try:
            text = _text(entry)
            message_id = call.engine.topics.publish(
                params["TopicArn"], text, subject=entry.get("Subject")
            )
            done.append({"Id": entry["Id"], "MessageId": message_id})
        except ServiceError as error:
            told = {"Code": error.code, "Message": str(error), "SenderFault": True}
            failed.append({"Id": entry["Id"], **told})
    call.engine.wake()
    return {"Successful": done, "Failed": failed}


def subscribe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Subscribe an e-mail address; its messages go to the local outbox.

    Raises
    ------
    ServiceError
        ``InvalidParameter`` for attributes that are not kept here.
    """
    if params.get("Attributes"):
        raise _invalid(
            f"Attributes: {sorted(params['Attributes'])} are not kept here; every message is "
            "delivered, as it is."
        )
    arn = call.engine.topics.subscribe(
        params["TopicArn"], params["Protocol"], params.get("Endpoint", "")
    )
    return {"SubscriptionArn": arn}


def unsubscribe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a subscription; no change if it is not there."""
    call.engine.topics.unsubscribe(params["SubscriptionArn"])
    return {}


def list_subscriptions(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the subscriptions of all topics, 100 at a time."""
    return _listed(call, None, params)


def list_subscriptions_by_topic(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the subscriptions of one topic, 100 at a time."""
    return _listed(call, params["TopicArn"], params)


def get_subscription_attributes(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a subscription."""
    found = call.engine.topics.subscription(params["SubscriptionArn"])
    return {
        "Attributes": {
            **_subscription(call, found),
            "RawMessageDelivery": "false",
            "PendingConfirmation": "false",
            "ConfirmationWasAuthenticated": "true",
        }
    }


def tag_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags of a topic."""
    with call.engine.store.begin():
        call.engine.topics.get(params["ResourceArn"])
        call.engine.tags.add(params["ResourceArn"], params["Tags"])
    return {}


def untag_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Remove tags of a topic."""
    call.engine.topics.get(params["ResourceArn"])
    call.engine.tags.delete(params["ResourceArn"], params["TagKeys"])
    return {}


def list_tags_for_resource(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the tags of a topic."""
    call.engine.topics.get(params["ResourceArn"])
    return {"Tags": call.engine.tags.of(params["ResourceArn"])}


def _text(params: dict[str, Any]) -> str:
    if params.get("MessageStructure"):
        raise _invalid(
            "MessageStructure: one message for all protocols is what is published here. Leave it "
            "out and give the text itself."
        )
    return str(params["Message"])


def _listed(call: Call, arn: str | None, params: dict[str, Any]) -> dict[str, Any]:
    page = call.engine.topics.subscription_page(arn=arn, token=params.get("NextToken"))
    return {
        "Subscriptions": [_subscription(call, found) for found in page.rows],
        "NextToken": page.next_token,
    }


def _subscription(call: Call, found: Subscription) -> dict[str, Any]:
    return {
        "SubscriptionArn": found.arn,
        "Owner": call.account_id,
        "Protocol": found.protocol,
        "Endpoint": found.endpoint,
        "TopicArn": found.topic_arn,
    }


def _invalid(problem: str) -> ServiceError:
    return ServiceError("InvalidParameter", f"Invalid parameter: {problem}")
