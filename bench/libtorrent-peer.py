"""libtorrent with one torrent, as a seed or a leech: libtorrent-peer.py JOB, JOB as bench/job.ts has it."""

import json
import os
import sys
import time

import libtorrent as lt

# It adds up what its connections sent once a second.
STATISTICS_LAG = 2.5

job = json.loads(sys.argv[1])


def tell(kind, **more):
    print(json.dumps({'type': kind, **more}), flush=True)


session = lt.session({
    'listen_interfaces': f"{job['host']}:{job['port']}",
    'outgoing_interfaces': job['host'],
    'alert_mask': lt.alert.category_t.status_notification,
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
# A leech announces itself when it is told to begin.
params.trackers = job['trackers'] if job['role'] == 'seed' else []
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
    for url in job['trackers']:
        torrent.add_tracker({'url': url})
    if job['peer']:
        torrent.connect_peer((job['peer']['host'], job['peer']['port']))
    # It is told: programs that look every few milliseconds are in each other's way.
    while not torrent.status().is_seeding:
        session.wait_for_alert(1000)
        session.pop_alerts()
    tell('done')
for _ in sys.stdin:
    time.sleep(STATISTICS_LAG)
    tell('uploaded', bytes=torrent.status().total_payload_upload)
os._exit(0)
