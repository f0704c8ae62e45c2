# SPDX-License-Identifier: Apache-2.0
"""The bare-metal lab: a virtual machine with firmware, disks and a BMC.

It runs the machines of the container lab too, so it tells that package,
before anything of it is imported, which folder and network are meant.
"""
import os

os.environ['BAAS_LAB_DIR'] = os.environ.get(
    'BAAS_METAL_DIR', '/var/lib/baas-metal')
os.environ['BAAS_LAB_CACHE'] = os.path.join(
    os.environ.get('BAAS_CACHE', '/var/cache/baas'), 'lab-baremetal')
os.environ['BAAS_LAB_BRIDGE'] = 'baas-metal0'
os.environ['BAAS_LAB_NETWORK'] = '172.31.78'
os.environ['BAAS_LAB_BADGE'] = 'metal'
os.environ['BAAS_LAB_SLOWNESS'] = '6'  # an emulated processor
