// A person at the hosted checkout: a form that a merchant's page would post, and a press of a button.
// Reads the pages as a browser without scripts does.

const plain = (text) =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

const post = (url, members) => look(url, { method: 'POST', body: new URLSearchParams(members) })

/** The hidden members of a page. */
export async function look(url, options) {
  const answer = await fetch(url, options)
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  const inputs = (await answer.text()).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  return Object.fromEntries([...inputs].map(([, name, value]) => [plain(name), plain(value)]))
}

/** The hidden members of the checkout's page. */
export const pageForm = (base, members) => post(`${base}/v1/checkout/embedded`, members)

/** What is handed to the merchant after that button. */
export const press = (base, form, choice) => post(`${base}/v1/checkout/pay`, { ...form, choice })
