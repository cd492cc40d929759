#!/bin/sh
# Runs `mpirun "$@"` on two hosts, north and south: network namespaces joined by a pair of interfaces, over TCP alone. Fails with
# code 99 where there may be none.
set -e
id=$$
north=rill-north-$id south=rill-south-$id
agent=$(mktemp)
cleanup() {
  ip netns del "$north" 2>/dev/null || true
  ip netns del "$south" 2>/dev/null || true
  rm -f "$agent"
}
trap cleanup EXIT
{
  ip netns add "$north" && ip netns add "$south" &&
    ip -n "$north" link add veth type veth peer name veth netns "$south" &&
    ip -n "$north" addr add 10.211.0.1/24 dev veth &&
    ip -n "$south" addr add 10.211.0.2/24 dev veth
} 2>/dev/null || exit 99
for host in "$north" "$south"; do
  ip -n "$host" link set lo up
  ip -n "$host" link set veth up
done
# What mpirun starts its daemons by, in the place of ssh: a host's address, and a command.
cat >"$agent" <<END
#!/bin/sh
case \$1 in
  10.211.0.1) host=north ;;
  *) host=south ;;
esac
shift
exec ip netns exec rill-\$host-$id unshare --uts sh -c "hostname \$host; \$*"
END
chmod +x "$agent"
program=$1
shift
ip netns exec "$north" unshare --uts sh -c 'hostname north; exec "$@"' sh "$program" \
  --host 10.211.0.1:8,10.211.0.2:8 --map-by node --mca plm_rsh_agent "$agent" \
  --mca btl tcp,self --mca btl_tcp_if_include 10.211.0.0/24 --mca oob_tcp_if_include 10.211.0.0/24 "$@"
