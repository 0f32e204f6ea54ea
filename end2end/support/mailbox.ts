// A real mail server that keeps what it receives, so that a journey can follow the links in its mails.
import { EventEmitter, once } from 'node:events'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface Mail {
  to: string
  subject: string
  text: string
}

export interface Mailbox {
  /** As the program's setting wants it. */
  smtp: string
  mails: Mail[]
  /** The first mail to `address` whose subject fits, now or as soon as it arrives. */
  mail(address: string, subject: RegExp): Promise<Mail>
  close(): Promise<void>
}

/** How long a mail may take from the click to here; the program looks into its outbox every second. */
const ARRIVAL = 20_000

export async function openMailbox(): Promise<Mailbox> {
  const mails: Mail[] = []
  const arrivals = new EventEmitter()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      simpleParser(stream).then(
        (parsed) => {
          for (const { address } of session.envelope.rcptTo) {
            mails.push({ to: address, subject: parsed.subject ?? '', text: parsed.text ?? '' })
          }
          done()
          arrivals.emit('mail')
        },
        (error) => done(error),
      )
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address()

  const mail = async (address: string, subject: RegExp) => {
    const limit = AbortSignal.timeout(ARRIVAL)
    for (;;) {
      const found = mails.find((one) => one.to === address && subject.test(one.subject))
      if (found) return found
      await once(arrivals, 'mail', { signal: limit }).catch(() => {
        const here = mails.map((one) => `  ${one.to}: ${one.subject}`).join('\n')
        throw new Error(`No mail to ${address} with a subject like ${subject}. What came:\n${here}`)
      })
    }
  }
  const close = () => new Promise<void>((done) => server.close(() => done()))
  return { smtp: `smtp://127.0.0.1:${port}`, mails, mail, close }
}

/** The first address in a mail whose path begins so. */
export function linkIn(mail: Mail, path: string): string {
  const link = mail.text.match(/https?:\/\/\S+/g)?.find((one) => new URL(one).pathname.startsWith(path))
  if (!link) throw new Error(`No link to ${path} in "${mail.subject}":\n${mail.text}`)
  return link
}
