// The line between a browser and a program, which a test can cut and mend: what a browser's own switch for it leaves to
// chance (an answer that is lost after the server has done its work) is done here on purpose.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Line {
  /** Where the program is reached through it. */
  url: string
  /** From now on nothing gets through. */
  cut(): void
  mend(): void
  /** From now on requests to this path arrive and are answered, and the answers are lost. */
  loseAnswers(path: string): void
  /** How many answers were lost so far. */
  lost(): number
  /** The form bodies that were let through to this path. */
  sent(path: string): string[]
  close(): Promise<void>
}

export async function openLine(program: string): Promise<Line> {
  let up = true
  let losing = ''
  let lost = 0
  const bodies: [string, string][] = []

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse) {
    if (!up) return outgoing.destroy()
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const path = incoming.url ?? '/'
    bodies.push([path, Buffer.concat(chunks).toString()])
    const { hostname, port } = new URL(program)
    const through = request({ hostname, port, path, method: incoming.method, headers: incoming.headers })
    through.end(Buffer.concat(chunks))
    const [answer] = (await once(through, 'response')) as [IncomingMessage]
    if (path === losing) {
      answer.resume()
      await once(answer, 'end')
      lost += 1
      return outgoing.destroy()
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    cut: () => {
      up = false
      server.closeAllConnections()
    },
    mend: () => {
      up = true
      losing = ''
    },
    loseAnswers: (path) => {
      up = true
      losing = path
    },
    lost: () => lost,
    sent: (path) => bodies.filter(([to]) => to === path).map(([, body]) => body),
    close: () => new Promise((done) => {
      server.closeAllConnections()
      server.close(() => done())
    }),
  }
}
