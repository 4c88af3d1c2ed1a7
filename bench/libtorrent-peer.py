"""libtorrent with one torrent, as a seed or a leech: libtorrent-peer.py JOB, JOB as bench/job.ts has it."""

import json
import os
import sys
import time

import libtorrent as lt

job = json.loads(sys.argv[1])


def tell(kind):
    print(json.dumps({'type': kind}), flush=True)


session = lt.session({
    'listen_interfaces': f"{job['host']}:{job['port']}",
    'outgoing_interfaces': job['host'],
    'alert_mask': 0,
    'enable_dht': False,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_outgoing_utp': False,
    'enable_incoming_utp': False,
    'out_enc_policy': 2,
    'in_enc_policy': 2,
    'allow_multiple_connections_per_ip': True,
})
params = lt.add_torrent_params()
params.ti = lt.torrent_info(job['torrent'])
params.save_path = job['folder']
params.trackers = job['trackers']
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if job['role'] == 'seed':
    params.flags |= lt.torrent_flags.seed_mode
torrent = session.add_torrent(params)

checking = (
    lt.torrent_status.states.checking_files,
    lt.torrent_status.states.checking_resume_data,
)
while torrent.status().state in checking:
    time.sleep(0.01)
tell('ready')
if job['role'] == 'leech':
    sys.stdin.readline()
    torrent.connect_peer((job['peer']['host'], job['peer']['port']))
    while not torrent.status().is_seeding:
        time.sleep(0.005)
    tell('done')
sys.stdin.read()
os._exit(0)
