"""P1: what a trace shows is read right, and what is not known to stay counts as leaving."""

import pytest

from house.airgap.trace import Address, read_trace
from house.airgap.verdict import Finding, Kind, judge

HOME = 'execve("/x/bin/python", ["/x/bin/python", "-m", "homeassistant"], 0x7f /* 9 vars */) = 0'
FLITE = 'execve("/usr/bin/flite", ["flite", "-t", "a \\"b\\""], 0x7f /* 9 vars */) = 0'
NO_SOCKET = "= -1 ENOENT (No such file or directory)"
NSCD = (
    'connect(7<UNIX-STREAM:[1]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) '
    + NO_SOCKET
)


def opened(path: str) -> str:
    return f'openat(AT_FDCWD</>, "{path}", O_RDONLY|O_CLOEXEC) = 7<{path}>'


def to(host: str, port: int, protocol: str = "TCP") -> str:
    return (
        f"connect(8<{protocol}:[73]>, {{sa_family=AF_INET, sin_port=htons({port}), "
        f'sin_addr=inet_addr("{host}")}}, 16) = -1 EINPROGRESS (Operation now in progress)'
    )


def to6(host: str, port: int) -> str:
    return (
        f"connect(8<TCPv6:[73]>, {{sa_family=AF_INET6, sin6_port=htons({port}), "
        f'sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "{host}", &sin6_addr), '
        "sin6_scope_id=0}, 28) = 0"
    )


def at(path: str, result: str = "= 0") -> str:
    return f'connect(7<UNIX-STREAM:[1]>, {{sa_family=AF_UNIX, sun_path="{path}"}}, 110) {result}'


def judged(*lines: str, start: str = HOME) -> list[Finding]:
    trace = read_trace({100: [start, *lines]})
    return judge(trace.calls, ["/tmp/house/"], ["192.168.77.2"])


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (to("127.0.0.1", 8123), Kind.MACHINE),
        (to("192.168.77.2", 8123), Kind.MACHINE),
        (to6("::1", 8123), Kind.MACHINE),
        (to6("::ffff:127.0.0.1", 8123), Kind.MACHINE),
        (to("203.0.113.7", 443), Kind.OUTSIDE),
        (to("192.168.1.20", 80), Kind.OUTSIDE),
        (to("169.254.169.254", 80), Kind.OUTSIDE),
        (to6("2001:db8::1", 443), Kind.OUTSIDE),
        (to6("::ffff:203.0.113.7", 443), Kind.OUTSIDE),
        (to("127.0.0.53", 53, "UDP"), Kind.LOOK_UP),
        (to("192.168.77.2", 853), Kind.LOOK_UP),
        (to("224.0.0.251", 5353, "UDP"), Kind.NEIGHBOURS),
        (to6("ff02::fb", 5353), Kind.NEIGHBOURS),
        (to("224.0.1.1", 123, "UDP"), Kind.OUTSIDE),
        (to6("ff0e::1", 5353), Kind.OUTSIDE),
        (to("8.8.8.8", 1, "UDP"), Kind.CORE),
        (to("8.8.8.8", 1, "TCP"), Kind.OUTSIDE),
        (to("8.8.8.8", 443, "UDP"), Kind.OUTSIDE),
        (at("/tmp/house/pulse/native"), Kind.MACHINE),
        (at("/tmp/house-of-another/native"), Kind.OUTSIDE),
        (at("/run/dbus/system_bus_socket"), Kind.OUTSIDE),
        (at("/run/dbus/system_bus_socket", NO_SOCKET), Kind.MACHINE),
        (at("/run/systemd/resolve/io.systemd.Resolve", NO_SOCKET), Kind.LOOK_UP),
        (at("/var/run/avahi-daemon/socket", NO_SOCKET), Kind.LOOK_UP),
        (at("/run/nscd/socket"), Kind.LOOK_UP),
        ('connect(7<UNIX-STREAM:[1]>, {sa_family=AF_UNIX, sun_path=@"x"}, 4) = 0', Kind.MACHINE),
        ("connect(7<NETLINK:[1]>, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 0", Kind.KERNEL),
        ("connect(7<TCP:[1]>, 0x7ffe1234, 16) = -1 EFAULT (Bad address)", Kind.UNSEEN),
        ("connect(7<socket:[1]>, {sa_family=AF_VSOCK, svm_cid=0x2}, 16) = 0", Kind.UNSEEN),
        ("socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 5<PACKET:[1]>", Kind.UNSEEN),
        ("io_uring_setup(8, {flags=0}) = 5<anon_inode:[io_uring]>", Kind.UNSEEN),
    ],
)
def test_where_a_call_goes(line: str, kind: Kind) -> None:
    """Loopback and this link stay; every other address, and what cannot be judged, does not."""
    (finding,) = judged(line)
    assert finding.kind is kind
    assert finding.stays is (kind in (Kind.MACHINE, Kind.NEIGHBOURS, Kind.KERNEL, Kind.CORE))
    assert bool(finding.text) is not finding.stays


def test_only_home_assistant_asks_for_its_route() -> None:
    """The question to the kernel is excused for Home Assistant, not for our programs."""
    assert judged(to("8.8.8.8", 1, "UDP"), start=FLITE)[0].kind is Kind.OUTSIDE


def test_an_account_is_no_name() -> None:
    """The same service looks up users and hosts: what the thread reads next tells which."""
    user = judged(NSCD, opened("/etc/nsswitch.conf"), opened("/etc/passwd"))
    host = judged(NSCD, opened("/etc/nsswitch.conf"), opened("/etc/resolv.conf"))
    neither = judged(NSCD)
    assert [each[0].kind for each in (user, host, neither)] == [
        Kind.MACHINE,
        Kind.LOOK_UP,
        Kind.LOOK_UP,
    ]


def test_every_address_of_many_messages() -> None:
    """One call may send to many: each of them counts, also after words that look like another."""
    line = (
        "sendmmsg(8<UDP:[7]>, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(53), "
        'sin_addr=inet_addr("10.0.0.1")}, msg_iov=[{iov_base="a) = 0", iov_len=6}]}, msg_len=6}, '
        "{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(9), "
        'sin_addr=inet_addr("10.0.0.2")}}, msg_len=1}], 2, 0) = 2'
    )
    assert [finding.kind for finding in judged(line)] == [Kind.LOOK_UP, Kind.OUTSIDE]


def test_sends_without_an_address_went_where_the_socket_is_connected() -> None:
    assert not judged('sendto(8<TCP:[1]>, "words", 5, MSG_NOSIGNAL, NULL, 0) = 5')


def test_a_call_that_was_cut_off_counts() -> None:
    """A program killed in the middle of a call has made it all the same."""
    line = to("203.0.113.7", 80).partition(" = ")[0] + " <unfinished ...>"
    assert judged(line)[0].kind is Kind.OUTSIDE


def test_children_are_known_by_their_parents() -> None:
    """Threads and forks are what their parent was when it made them; what is started is itself."""
    trace = read_trace(
        {
            100: [HOME, "clone3({flags=CLONE_THREAD} => {parent_tid=[105]}, 88) = 105"],
            105: [to("127.0.0.1", 1), "vfork() = 103"],
            103: [to("127.0.0.1", 2), FLITE, to("127.0.0.1", 3), "+++ exited with 0 +++"],
        }
    )
    by_port = {call.addresses[0].port: call.command for call in trace.calls}
    assert by_port[1] == by_port[2] == ("/x/bin/python", "-m", "homeassistant")
    assert by_port[3][:2] == ("flite", "-t")
    assert sorted(finding.program for finding in judge(trace.calls)) == [
        "Home Assistant",
        "Home Assistant",
        "flite",
    ]
    assert len(trace.commands) == 2


def test_a_program_that_did_not_start_is_none() -> None:
    trace = read_trace({100: [HOME, FLITE.replace("= 0", NO_SOCKET), to("127.0.0.1", 1)]})
    assert trace.calls[0].command[-1] == "homeassistant"
    assert trace.calls[0].addresses == (Address("AF_INET", "127.0.0.1", 1),)


def test_what_cannot_be_read_is_an_error() -> None:
    """A line that is none of strace's is not skipped."""
    with pytest.raises(ValueError, match="cannot be read"):
        read_trace({100: [HOME, "?? 12"]})
