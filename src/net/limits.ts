/** The bounds of everything that talks to the network. */

import { defineLimits } from '../core/limits.ts'

export const NET_LIMITS = defineLimits('net', {
  halfOpenDials: [100, 'entries', 'more unanswered connection attempts fill the tables of home routers'],
  waitingDials: [2000, 'entries', 'dials that wait for their turn; more are refused at once'],
  dialTimeout: [15_000, 'ms', 'a peer that has not answered by then is behind a firewall'],
  acceptedPerAddress: [
    256,
    'entries',
    'open incoming connections from one IPv4 address or IPv6 /64; loopback has none',
  ],
  accepted: [4096, 'entries', 'open incoming connections of one listener'],
  readLength: [
    262_144,
    'bytes',
    'one read from the system; measured: larger gains nothing, smaller costs calls',
  ],
  sendQueue: [1_048_576, 'bytes', 'queued for one peer before its `room()` is 0'],
  endLinger: [
    10_000,
    'ms',
    'how long an ended connection may take to send what is queued and to be closed by the other side',
  ],
  datagramQueue: [
    1024,
    'entries',
    'datagrams of one UDP socket that wait because the system takes no more; further ones are dropped',
  ],
  datagramReceiveBuffer: [
    2_097_152,
    'bytes',
    'asked of the system for each UDP socket, which may give less: what comes while we are busy',
  ],
  groupNetworks: [16, 'entries', 'networks of this machine in which a multicast group is joined'],
  fetches: [128, 'entries', 'outbound HTTP requests at once; more wait for their turn'],
  waitingFetches: [10_000, 'entries', 'HTTP requests that wait for their turn; more are refused at once'],
  idleConnections: [
    32,
    'entries',
    'kept-alive HTTP connections to one place that nobody uses: thousands of torrents may announce to one tracker',
  ],
  idleConnectionTimeout: [15_000, 'ms', 'how long a kept-alive HTTP connection may be unused'],
  resolveTimeout: [10_000, 'ms', 'how long a look-up of a name may take'],
  resolvedAddresses: [16, 'entries', 'addresses of one name that are looked at'],
  connectAttempts: [4, 'times', 'addresses of one name that are tried for one HTTP request'],
  connectTimeout: [
    10_000,
    'ms',
    'how long one address may take to answer a connection and its TLS handshake',
  ],
  answerTimeout: [15_000, 'ms', 'from the request sent to the head of its answer'],
  fetchTimeout: [
    30_000,
    'ms',
    'from the start to the last byte, redirects included, unless the caller says otherwise',
  ],
  fetchedBytes: [
    10_485_760,
    'bytes',
    'body of an answer, also after decompression, unless the caller says otherwise',
  ],
  headerBytes: [16_384, 'bytes', 'head of an answer'],
  redirects: [5, 'times', 'how often an answer may send us elsewhere'],
  urlLength: [8192, 'bytes', 'a URL that is asked for'],
  deviceTimeout: [
    5000,
    'ms',
    'from the start to the last byte of what a device of the network answers, such as a router',
  ],
  signatureKeys: [256, 'entries', 'public keys that are kept ready to verify with'],
  trackerAnswerBytes: [1_048_576, 'bytes', 'answer of an HTTP tracker; 200 peers need 4 KiB'],
})
