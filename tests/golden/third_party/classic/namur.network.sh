#!/bin/sh
# namur: run as root at every start, before swanctl --load-all. A firewall of its own must let udp 500, udp 4500
# and ESP in on eth0, and forward between the networks below. In strongswan.conf set
# charon.install_routes = no: the routes are here.
set -e
sysctl -q -w net.ipv4.ip_forward=1
ip address replace 10.42.0.1/24 dev eth1
ip link set eth1 up
ip address replace 10.42.20.1/24 dev eth1.20
ip link set eth1.20 up
ip address replace 203.0.113.10/30 dev eth0
ip link set eth0 up
ip route replace default via 203.0.113.9 dev eth0
ip link show xfrm1 > /dev/null 2>&1 || ip link add xfrm1 type xfrm dev eth0 if_id 1
ip address replace 10.255.40.3/24 dev xfrm1
ip link set xfrm1 up
# The policies of the associations have the interface ID: the kernel looks for no others.
sysctl -q -w net.ipv4.conf.xfrm1.disable_policy=1
ip route replace 10.40.0.0/24 dev xfrm1
# Without the interface no packet for this network leaves in clear.
ip route replace unreachable 10.40.0.0/24 metric 4096
ip route replace 10.41.0.0/24 dev xfrm1
# Without the interface no packet for this network leaves in clear.
ip route replace unreachable 10.41.0.0/24 metric 4096
ip route replace 10.43.0.0/24 dev xfrm1
# Without the interface no packet for this network leaves in clear.
ip route replace unreachable 10.43.0.0/24 metric 4096
nft -f - <<'END'
table inet nhtb
delete table inet nhtb
table inet nhtb {
    chain mss {
        type filter hook forward priority mangle; policy accept;
        oifname "xfrm1" tcp flags syn tcp option maxseg size set 1350
        iifname "xfrm1" tcp flags syn tcp option maxseg size set 1350
    }
    chain internet {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 10.42.0.0/24 oifname "eth0" masquerade
        ip saddr 10.42.20.0/24 oifname "eth0" masquerade
    }
}
END
