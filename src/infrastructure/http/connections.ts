import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a connection that carries nothing may still say what it was about to say. */
const graceMs = 100

interface Load {
  /** Requests handed to us and not yet answered in full. */
  open: number
  newest?: IncomingMessage
}

/**
 * What each connection of a server carries, so that a stop ends those that carry nothing and no other.
 * Node takes a connection for idle whose answer is written and not yet sent, or whose pipelined requests
 * wait for their turn, and for busy one on which nothing ever came.
 */
export class Connections {
  private readonly loads = new Map<Socket, Load>()
  private isClosing = false

  constructor(server: Server) {
    server.on('connection', (socket) => this.add(socket))
    // Ahead of the application, which may answer before it returns.
    server.prependListener('request', (request, response) => this.take(request, response))
    server.closeIdleConnections = () => this.close()
  }

  /** From now on, whatever carries nothing ends; what carries requests ends with the last of them. */
  close(): void {
    this.isClosing = true
    for (const socket of this.loads.keys()) this.endIfIdle(socket)
  }

  /** Whether the answer to it is the last that its connection owes: with any other, `Connection: close` cuts off the rest. */
  isLast(request: IncomingMessage): boolean {
    const load = this.loads.get(request.socket)
    return load === undefined || load.newest === request
  }

  private add(socket: Socket): void {
    this.loads.set(socket, { open: 0 })
    socket.once('close', () => this.loads.delete(socket))
    if (this.isClosing) this.endIfIdle(socket)
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const load = this.loads.get(socket)
    if (!load) return
    load.open += 1
    load.newest = request
    response.once('close', () => {
      load.open -= 1
      if (this.isClosing) this.endIfIdle(socket)
    })
  }

  private endIfIdle(socket: Socket): void {
    if (this.loads.get(socket)?.open !== 0) return
    setTimeout(() => {
      if (this.loads.get(socket)?.open === 0) socket.destroySoon()
    }, graceMs)
  }
}
