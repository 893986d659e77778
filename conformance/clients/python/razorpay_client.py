"""What a merchant does, with the official client for Python and nothing of ours in between.

Settings come from the environment; prints one line of JSON and exits with 1 when a step fails. Signatures are judged by the
client's own utilities.
"""

import html
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import razorpay
import requests
from razorpay.errors import BadRequestError, SignatureVerificationError

BASE, KEY_ID, KEY_SECRET, WEBHOOK_SECRET = (
    os.environ[name] for name in ("BASE_URL", "KEY_ID", "KEY_SECRET", "WEBHOOK_SECRET")
)
CLIENT = razorpay.Client(auth=(KEY_ID, KEY_SECRET), base_url=BASE)
DELIVERIES: list[tuple[str, str]] = []
ARRIVED = threading.Condition()


class Door(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with ARRIVED:
            DELIVERIES.append((body, self.headers["X-Razorpay-Signature"]))
            ARRIVED.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def delivered(name: str) -> tuple[str, str]:
    def found() -> list:
        return [one for one in DELIVERIES if json.loads(one[0])["event"] == name]

    with ARRIVED:
        assert ARRIVED.wait_for(found, timeout=20), name
        return found()[0]


def steer(path: str, body: dict) -> dict:
    answer = requests.post(f"{BASE}/sandbox/{path}", json=body, auth=(KEY_ID, KEY_SECRET), timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(call, *arguments) -> None:
    try:
        call(*arguments)
    except BadRequestError:
        return
    raise AssertionError("it was let through")


def forged(check, *arguments) -> None:
    try:
        check(*arguments)
    except SignatureVerificationError:
        return
    raise AssertionError("a wrong signature was believed")


def form(path: str, members: dict) -> dict:
    answer = requests.post(BASE + path, data=members, timeout=10)
    assert answer.status_code == 200, answer.text
    inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return {html.unescape(name): html.unescape(value) for name, value in inputs}


def check_out(kind: str, found: str) -> dict:
    page = {"key_id": KEY_ID, kind: found, "name": "Acme", "callback_url": "https://merchant.test/"}
    return form("/v1/checkout/pay", form("/v1/checkout/embedded", page) | {"choice": "card"})


def orders() -> str:
    order = CLIENT.order.create({"amount": 50000, "currency": "INR", "receipt": "py-1", "notes": {}})
    assert order["notes"] == [] and CLIENT.order.fetch(order["id"]) == order
    assert CLIENT.order.all({"receipt": "py-1"})["count"] == 1
    back = check_out("order_id", order["id"])
    assert CLIENT.utility.verify_payment_signature(back)
    forged(CLIENT.utility.verify_payment_signature, back | {"razorpay_order_id": "order_other"})
    forged(CLIENT.utility.verify_payment_signature, back | {"razorpay_signature": "0" * 64})
    payment = back["razorpay_payment_id"]
    assert CLIENT.payment.fetch(payment)["status"] == "captured"
    assert CLIENT.order.payments(order["id"])["count"] == 1
    refused(CLIENT.order.create, {"amount": 99, "currency": "INR"})
    return payment


def refunds(payment: str) -> None:
    refund = CLIENT.payment.refund(payment, {"amount": 20000})
    assert refund["status"] == "pending"
    refused(CLIENT.payment.refund, payment, {"amount": 30001})
    steer("advance", {"seconds": 60})
    assert CLIENT.refund.fetch(refund["id"])["status"] == "processed"
    assert CLIENT.payment.fetch_multiple_refund(payment)["count"] == 1


def mandates() -> None:
    person = {"name": "Ada Lovelace", "email": "ada@example.org", "contact": "9000090000"}
    customer = CLIENT.customer.create(person)["id"]
    refused(CLIENT.customer.create, person)
    assert CLIENT.customer.create(person | {"fail_existing": "0"})["id"] == customer
    token = {"max_amount": 100000, "expire_at": 4000000000, "frequency": "monthly"}
    order = {"amount": 100, "currency": "INR", "customer_id": customer, "token": token}
    steer(f"orders/{CLIENT.order.create(order)['id']}/pay", {"method": "card"})
    token = CLIENT.token.all(customer)["items"][0]
    assert token["recurring_details"]["status"] == "confirmed"
    due = CLIENT.order.create({"amount": 700, "currency": "INR"})["id"]
    request = {"email": person["email"], "contact": person["contact"], "amount": 700, "currency": "INR"}
    request |= {"order_id": due, "customer_id": customer, "token": token["id"], "recurring": "1"}
    collected = CLIENT.payment.createRecurring(request)
    assert CLIENT.utility.verify_payment_signature(collected)
    assert CLIENT.token.cancel(customer, token["id"])["status"] == "cancellation_initiated"
    assert CLIENT.token.fetch(customer, token["id"])["recurring_details"]["status"] == "cancelled"
    assert CLIENT.token.delete(customer, token["id"]) == {"deleted": True}


def subscriptions() -> None:
    item = {"name": "Pro", "amount": 49900, "currency": "INR"}
    plan = CLIENT.plan.create({"period": "yearly", "interval": 1, "item": item})["id"]
    made = CLIENT.subscription.create({"plan_id": plan, "total_count": 5, "customer_notify": 1})["id"]
    back = check_out("subscription_id", made)
    assert CLIENT.utility.verify_subscription_payment_signature(back)
    forged(CLIENT.utility.verify_subscription_payment_signature, back | {"razorpay_payment_id": "pay_other"})
    assert CLIENT.subscription.fetch(made)["status"] == "active"
    CLIENT.subscription.edit(made, {"quantity": 2, "schedule_change_at": "cycle_end"})
    assert CLIENT.subscription.pending_update(made)["quantity"] == 2
    assert CLIENT.subscription.cancel_scheduled_changes(made)["has_scheduled_changes"] is False
    assert CLIENT.subscription.pause(made, {"pause_at": "now"})["status"] == "paused"
    assert CLIENT.subscription.resume(made, {"resume_at": "now"})["status"] == "active"
    assert CLIENT.invoice.all({"subscription_id": made})["count"] == 1
    assert CLIENT.subscription.cancel(made, {"cancel_at_cycle_end": 0})["status"] == "cancelled"


def webhooks() -> None:
    verify = CLIENT.utility.verify_webhook_signature
    names = ("payment.captured", "refund.processed", "token.confirmed", "subscription.charged", "subscription.paused")
    for name in names:
        body, signature = delivered(name)
        assert verify(body, signature, WEBHOOK_SECRET)
        forged(verify, body, signature, KEY_SECRET)
        forged(verify, body + " ", signature, WEBHOOK_SECRET)


def main() -> None:
    door = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=door.serve_forever, daemon=True).start()
    steer("webhook", {"url": f"http://127.0.0.1:{door.server_port}/", "secret": WEBHOOK_SECRET})
    refused(razorpay.Client(auth=(KEY_ID, "wrong"), base_url=BASE).order.all)
    refunds(orders())
    mandates()
    subscriptions()
    webhooks()
    print(json.dumps({"client": "razorpay " + CLIENT._get_version(), "events": len(DELIVERIES)}))


main()
