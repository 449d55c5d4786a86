import type { Page } from '@playwright/test';
import { startPacketCounter } from '../support/packet-counter.ts';
import { expect, test } from './fixtures.ts';

/** Gathers candidates with STUN and TURN servers at `port` of this computer. Resolves when gathering has ended. */
function gatherCandidates(page: Page, port: number): Promise<string[]> {
  return page.evaluate(async (serverPort) => {
    const turn = { username: 'user', credential: 'secret' };
    const iceServers: RTCIceServer[] = [
      { urls: `stun:127.0.0.1:${serverPort}` },
      { urls: `turn:127.0.0.1:${serverPort}?transport=udp`, ...turn },
      { urls: `turn:127.0.0.1:${serverPort}?transport=tcp`, ...turn },
      { urls: `turns:127.0.0.1:${serverPort}?transport=tcp`, ...turn },
    ];
    const gather = async (iceTransportPolicy: RTCIceTransportPolicy): Promise<string> => {
      const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy });
      connection.createDataChannel('data');
      const isComplete = new Promise<void>((resolve) =>
        connection.addEventListener('icegatheringstatechange', () => {
          if (connection.iceGatheringState === 'complete') resolve();
        }),
      );
      await connection.setLocalDescription(await connection.createOffer());
      await isComplete;
      return connection.iceGatheringState;
    };
    return Promise.all([gather('all'), gather('relay')]);
  }, port);
}

/** Connects to a peer that the page invents, at `port` of this computer. Resolves when the attempt has ended. */
function connectToPeer(page: Page, port: number): Promise<'failed'> {
  return page.evaluate(async (peerPort) => {
    const [caller, callee] = [new RTCPeerConnection(), new RTCPeerConnection()];
    // Depending on what is blocked, one of the two states changes, and maybe before the peer is known.
    const hasFailed = new Promise<'failed'>((resolve) => {
      const check = () => {
        if ([caller.connectionState, caller.iceConnectionState].includes('failed')) resolve('failed');
      };
      caller.addEventListener('connectionstatechange', check);
      caller.addEventListener('iceconnectionstatechange', check);
    });
    caller.createDataChannel('data');
    await caller.setLocalDescription(await caller.createOffer());
    if (caller.localDescription) await callee.setRemoteDescription(caller.localDescription);
    await callee.setLocalDescription(await callee.createAnswer());
    if (callee.localDescription) await caller.setRemoteDescription(callee.localDescription);
    for (const candidate of [
      `candidate:1 1 udp 2122260223 127.0.0.1 ${peerPort} typ host`,
      `candidate:2 1 tcp 1518280447 127.0.0.1 ${peerPort} typ host tcptype passive`,
      '',
    ])
      await caller.addIceCandidate({ candidate, sdpMid: '0' });
    return hasFailed;
  }, port);
}

// Verifies E-25, B-14.
test(
  'page: WebRTC sends no packet to servers or to a peer, over UDP or TCP',
  { tag: '@smoke' },
  async ({ workApp: app }) => {
    const counter = await startPacketCounter();
    try {
      expect(await gatherCandidates(app.page, counter.port)).toEqual(['complete', 'complete']);
      expect(await connectToPeer(app.page, counter.port)).toBe('failed');
      // Loopback keeps the order: whatever the page sent is counted before the packet and the connection of the test.
      await counter.probe();
      expect(counter.received).toEqual({ udp: 1, tcp: 1 });
    } finally {
      await counter.close();
    }
  },
);
