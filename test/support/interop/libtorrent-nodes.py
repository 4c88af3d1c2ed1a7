"""Many DHT nodes of libtorrent in one process. Reads a command a line, as JSON, and prints what comes of it.

{"open": 50, "host": "127.0.0.1", "router": "127.0.0.1:6881"}   -> {"type": "open", "ports": [...]}
{"announce": HASH, "node": 3, "folder": "/tmp/x"}             (at the port of the node)
{"search": HASH, "node": 4}                                     -> {"type": "found", "hash": HASH, "peers": [...]}
{"sizes": true}                                                 -> {"type": "sizes", "nodes": [...]}
"""

import json
import os
import select
import sys

import libtorrent as lt

SETTINGS = {
    'enable_dht': True,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'dht_restrict_routing_ips': False,
    'dht_restrict_search_ips': False,
    'dht_prefer_verified_node_ids': False,
    'dht_ignore_dark_internet': False,
    # All of them have one address.
    'dht_block_ratelimit': 10000,
    'dht_upload_rate_limit': 1000000,
    'alert_mask': lt.alert.category_t.dht_operation_notification | lt.alert.category_t.dht_notification,
}

sessions = []


def say(**event):
    print(json.dumps(event), flush=True)


def obey(command):
    if 'open' in command:
        host = command['host']
        for _ in range(command['open']):
            sessions.append(lt.session({
                **SETTINGS,
                'listen_interfaces': f'{host}:0',
                'dht_bootstrap_nodes': command['router'],
            }))
        say(type='open', ports=[session.listen_port() for session in sessions])
    elif 'announce' in command:
        # The call for an announce alone cannot be made from Python: its flags are of a type that is not there.
        params = lt.parse_magnet_uri(f"magnet:?xt=urn:btih:{command['announce']}")
        params.save_path = command['folder']
        params.flags = params.flags & ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
        sessions[command['node']].add_torrent(params).force_dht_announce()
    elif 'search' in command:
        sessions[command['node']].dht_get_peers(lt.sha1_hash(bytes.fromhex(command['search'])))
    elif 'sizes' in command:
        say(type='sizes', nodes=[session.status().dht_nodes for session in sessions])


rest = b''
while True:
    ready, _, _ = select.select([0], [], [], 0.05)
    if ready:
        # Not `readline`, which would keep further lines where `select` does not see them.
        chunk = os.read(0, 65536)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b'\n')
        for line in lines:
            obey(json.loads(line))
    for session in sessions:
        for alert in session.pop_alerts():
            if isinstance(alert, lt.dht_get_peers_reply_alert):
                peers = [f'{host}:{port}' for host, port in alert.peers()]
                say(type='found', hash=str(alert.info_hash), peers=peers)
