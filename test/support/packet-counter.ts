/** A UDP socket and a TCP server on the same port of 127.0.0.1 that count what arrives. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface PacketCounter {
  readonly port: number;
  /** UDP packets and TCP connections so far. */
  readonly received: { readonly udp: number; readonly tcp: number };
  /** Sends a packet and opens a connection, and resolves when both have been counted. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export async function startPacketCounter(): Promise<PacketCounter> {
  const received = { udp: 0, tcp: 0 };
  const tcpServer = createServer((socket) => {
    received.tcp += 1;
    socket.destroy();
  });
  await once(tcpServer.listen(0, '127.0.0.1'), 'listening');
  const { port } = tcpServer.address() as AddressInfo;
  const udpSocket = createSocket('udp4', () => (received.udp += 1));
  udpSocket.bind(port, '127.0.0.1');
  await once(udpSocket, 'listening');
  return {
    port,
    received,
    async probe() {
      const sender = createSocket('udp4');
      const arrived = [once(udpSocket, 'message'), once(tcpServer, 'connection')];
      sender.send('probe', port, '127.0.0.1');
      const connection = connect(port, '127.0.0.1').on('error', () => undefined);
      await Promise.all(arrived);
      sender.close();
      connection.destroy();
    },
    async close() {
      udpSocket.close();
      tcpServer.close();
      await once(tcpServer, 'close');
    },
  };
}
