// What a merchant does, with the official client for Node.js and nothing of ours in between.
// The client has no setting for its address; its axios instance has one. Signatures are judged by its own functions.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import Razorpay from 'razorpay'
import utils from 'razorpay/dist/utils/razorpay-utils.js'
import { look, pageForm, press } from './razorpay-checkout.mjs'

const { BASE_URL, KEY_ID, KEY_SECRET, WEBHOOK_SECRET } = process.env

const client = (key_secret) => {
  const made = new Razorpay({ key_id: KEY_ID, key_secret })
  made.api.rq.defaults.baseURL = BASE_URL
  return made
}
const razorpay = client(KEY_SECRET)
const verify = utils.validatePaymentVerification

const steer = (path, body) => razorpay.api.rq.post(`/sandbox/${path}`, body).then((answer) => answer.data)

async function refused(promise, status) {
  const problem = await promise.then(() => assert.fail('it was let through'), (thrown) => thrown)
  assert.equal(problem.statusCode, status, JSON.stringify(problem))
  assert.equal(problem.error.code, 'BAD_REQUEST_ERROR')
  return problem.error
}

// A door for events that keeps their bytes.
const deliveries = []
const door = createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const signature = request.headers['x-razorpay-signature']
    deliveries.push({ body: Buffer.concat(parts).toString(), signature, id: request.headers['x-razorpay-event-id'] })
    response.end()
    door.emit('delivery')
  })
})
door.listen(0, '127.0.0.1')
await once(door, 'listening')
await steer('webhook', { url: `http://127.0.0.1:${door.address().port}/`, secret: WEBHOOK_SECRET })

async function delivered(name) {
  const wanted = ({ body }) => JSON.parse(body).event === name
  while (!deliveries.some(wanted)) await once(door, 'delivery')
  return deliveries.find(wanted)
}

async function orders() {
  const order = await razorpay.orders.create({ amount: 50000, currency: 'INR', receipt: 'node-1', notes: { a: 'b' } })
  assert.deepEqual(await razorpay.orders.fetch(order.id), order)
  const found = await razorpay.orders.all({ receipt: 'node-1' })
  assert.deepEqual([found.count, found.items[0].id], [1, order.id])
  await razorpay.orders.edit(order.id, { notes: { c: 'd' } })
  const page = await pageForm(BASE_URL, { key_id: KEY_ID, order_id: order.id, name: 'Acme', callback_url: 'https://merchant.test/' })
  const back = await press(BASE_URL, page, 'card')
  const ids = { order_id: back.razorpay_order_id, payment_id: back.razorpay_payment_id }
  assert.ok(verify(ids, back.razorpay_signature, KEY_SECRET))
  assert.ok(!verify({ ...ids, order_id: 'order_other' }, back.razorpay_signature, KEY_SECRET))
  assert.ok(!verify(ids, back.razorpay_signature, WEBHOOK_SECRET))
  const payments = await razorpay.orders.fetchPayments(order.id)
  assert.deepEqual([payments.count, payments.items[0].status], [1, 'captured'])
  await refused(razorpay.orders.create({ amount: 99, currency: 'INR' }), 400)
  await refused(razorpay.orders.fetch('order_none'), 400)
  return ids.payment_id
}

async function refunds(payment) {
  const first = await razorpay.payments.refund(payment, { amount: 20000, speed: 'normal', receipt: 'node-refund' })
  assert.equal(first.status, 'pending')
  await refused(razorpay.payments.refund(payment, { amount: 30001 }), 400)
  await steer('advance', { seconds: 60 })
  assert.equal((await razorpay.refunds.fetch(first.id)).status, 'processed')
  assert.equal((await razorpay.payments.fetchRefund(payment, first.id)).id, first.id)
  assert.equal((await razorpay.payments.fetchMultipleRefund(payment, {})).count, 1)
  assert.equal((await razorpay.payments.fetch(payment)).refund_status, 'partial')
}

async function capturing() {
  const order = await razorpay.orders.create({ amount: 700, currency: 'INR', payment: { capture: 'manual' } })
  const { payment } = await steer(`orders/${order.id}/pay`, { method: 'upi' })
  assert.equal(payment.status, 'authorized')
  const captured = await razorpay.payments.capture(payment.id, 700, 'INR')
  assert.equal(captured.status, 'captured')
  await refused(razorpay.payments.capture(payment.id, 700, 'INR'), 400)
  await razorpay.payments.edit(payment.id, { notes: { seen: 'yes' } })
  assert.ok((await razorpay.payments.all({ count: 5 })).count >= 2)
}

async function mandates() {
  const person = { name: 'Ada Lovelace', email: 'ada@example.org', contact: '9000090000', fail_existing: 0 }
  const customer = await razorpay.customers.create(person)
  assert.equal((await razorpay.customers.create(person)).id, customer.id)
  await razorpay.customers.edit(customer.id, { name: 'Ada King' })
  assert.equal((await razorpay.customers.fetch(customer.id)).name, 'Ada King')
  const token = { max_amount: 100000, expire_at: 4000000000, frequency: 'as_presented' }
  const order = await razorpay.orders.create({ amount: 100, currency: 'INR', customer_id: customer.id, method: 'upi', token })
  await steer(`orders/${order.id}/pay`, { method: 'upi' })
  const tokens = await razorpay.customers.fetchTokens(customer.id)
  assert.equal(tokens.items[0].recurring_details.status, 'confirmed')
  const id = tokens.items[0].id
  const collect = async (amount) => {
    const due = await razorpay.orders.create({ amount, currency: 'INR' })
    const request = { ...person, amount, currency: 'INR', order_id: due.id, customer_id: customer.id, token: id, recurring: 1 }
    delete request.name
    delete request.fail_existing
    return razorpay.payments.createRecurringPayment({ ...request, description: 'Top-up' })
  }
  const collected = await collect(100000)
  assert.equal((await razorpay.payments.fetch(collected.razorpay_payment_id)).status, 'captured')
  await refused(collect(100001), 400)
  assert.equal((await razorpay.customers.fetchToken(customer.id, id)).id, id)
  assert.deepEqual(await razorpay.customers.deleteToken(customer.id, id), { deleted: true })
  await refused(collect(500), 400)
}

async function links() {
  const customer = { name: 'Grace Hopper', email: 'grace@example.org', contact: '9000090001' }
  const subscription_registration = { method: 'upi', max_amount: 50000 }
  const wish = { type: 'link', amount: 100, currency: 'INR', description: 'Autopay', customer, subscription_registration }
  const link = await razorpay.subscriptions.createRegistrationLink(wish)
  const page = await look(link.short_url)
  await press(BASE_URL, page, 'upi')
  assert.equal((await razorpay.invoices.fetch(link.id)).status, 'paid')
  assert.equal((await razorpay.customers.fetchTokens(link.customer_id)).items[0].max_amount, 50000)
}

async function subscriptions() {
  const item = { name: 'Pro', amount: 49900, currency: 'INR' }
  const plan = await razorpay.plans.create({ period: 'monthly', interval: 1, item })
  assert.deepEqual(await razorpay.plans.fetch(plan.id), plan)
  assert.equal((await razorpay.plans.all()).items[0].id, plan.id)
  const made = await razorpay.subscriptions.create({ plan_id: plan.id, total_count: 12, quantity: 1, customer_notify: 0 })
  const page = await pageForm(BASE_URL, { key_id: KEY_ID, subscription_id: made.id, name: 'Acme', callback_url: 'https://merchant.test/' })
  const back = await press(BASE_URL, page, 'card')
  const ids = { subscription_id: back.razorpay_subscription_id, payment_id: back.razorpay_payment_id }
  assert.ok(verify(ids, back.razorpay_signature, KEY_SECRET))
  assert.ok(!verify({ ...ids, payment_id: 'pay_other' }, back.razorpay_signature, KEY_SECRET))
  assert.equal((await razorpay.subscriptions.fetch(made.id)).status, 'active')
  assert.equal((await razorpay.subscriptions.all({ plan_id: plan.id })).count, 1)
  await razorpay.subscriptions.update(made.id, { quantity: 3, schedule_change_at: 'cycle_end' })
  assert.equal((await razorpay.subscriptions.pendingUpdate(made.id)).quantity, 3)
  assert.equal((await razorpay.subscriptions.cancelScheduledChanges(made.id)).has_scheduled_changes, false)
  assert.equal((await razorpay.subscriptions.pause(made.id, { pause_at: 'now' })).status, 'paused')
  assert.equal((await razorpay.subscriptions.resume(made.id, { resume_at: 'now' })).status, 'active')
  await steer('advance', { seconds: 31 * 86400 })
  const invoices = await razorpay.invoices.all({ subscription_id: made.id })
  assert.deepEqual([invoices.count, invoices.items[0].status], [2, 'paid'])
  assert.equal((await razorpay.invoices.fetch(invoices.items[0].id)).subscription_id, made.id)
  assert.equal((await razorpay.subscriptions.cancel(made.id, true)).status, 'active')
  assert.equal((await razorpay.subscriptions.cancel(made.id)).status, 'cancelled')
}

async function webhooks() {
  const names = ['payment.captured', 'order.paid', 'refund.processed', 'token.confirmed', 'subscription.charged', 'invoice.paid']
  for (const name of [...names, 'subscription.cancelled']) {
    const { body, signature, id } = await delivered(name)
    assert.ok(id)
    assert.ok(Razorpay.validateWebhookSignature(body, signature, WEBHOOK_SECRET), name)
    assert.ok(!Razorpay.validateWebhookSignature(body, signature, KEY_SECRET))
    assert.ok(!Razorpay.validateWebhookSignature(body + ' ', signature, WEBHOOK_SECRET))
  }
}

await refused(client('wrong').orders.all(), 401)
const payment = await orders()
await refunds(payment)
await capturing()
await mandates()
await links()
await subscriptions()
await webhooks()
door.close()
console.log(JSON.stringify({ client: `razorpay@${Razorpay.VERSION}`, events: deliveries.length }))
process.exit(0)
