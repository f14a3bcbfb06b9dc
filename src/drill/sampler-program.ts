import { sh, type Script } from '../shell/script.js'
import { toldTime } from './clock-offset.js'

export interface Sampling {
  /** The virtual IP; of an IPv6 one no neighbour advertisements are told. */
  readonly address: string
  readonly interface: string
  /** After how long it ends whatever else happens, in milliseconds. */
  readonly forMs: number
}

/** What the program tells. `at` is in milliseconds since 1970 by the host's own clock. */
export type SamplerWord =
  /** It looks. `boot` differs from one boot of the host to the next, also of a host that has its kernel from another. */
  | { readonly kind: 'begin'; readonly boot: string; readonly at: number }
  | { readonly kind: 'tick'; readonly at: number }
  /** Whether the host has the virtual IP: at first, and whenever that changes. */
  | { readonly kind: 'address'; readonly holds: boolean; readonly at: number }
  /** A gratuitous ARP for the virtual IP from a MAC address, which the host itself has sent or has heard. */
  | { readonly kind: 'arp'; readonly mac: string; readonly isOwn: boolean; readonly at: number }
  | { readonly kind: 'failed'; readonly why: string }

/** How often the program tells the host's time, in milliseconds. */
export const TICK_MS = 100

/** More than a line of it has, in characters. */
export const LONGEST_LINE = 200

/** Runs as root; nothing is written on the host. */
export function samplerScript({ address, interface: device, forMs }: Sampling): Script {
  const words = [address, device, String(Math.max(1, Math.ceil(forMs / 1000))), String(TICK_MS / 1000)]
  return sh`perl -e ${PROGRAM} -- ${words} 2>&1 || echo 'failed the program ended early'`
}

const WORDS =
  /^(?:tick|begin (?<boot>[0-9a-z-]+)|address (?<holds>[01])|arp (?<mac>[0-9a-f]{2}(?::[0-9a-f]{2}){5}) (?<way>sent|heard)) (?<time>[\d.]+)$/

/** Pure: what a line says; null for one that the program does not print. */
export function samplerWord(line: string): SamplerWord | null {
  const why = /^failed (.{1,150})$/.exec(line)?.[1]
  if (why !== undefined) return { kind: 'failed', why }
  const words = WORDS.exec(line)?.groups
  if (words === undefined) return null
  const { boot, holds, mac, way, time = '' } = words
  const at = toldTime(time)
  if (at === null) return null
  if (boot !== undefined) return { kind: 'begin', boot, at }
  if (holds !== undefined) return { kind: 'address', holds: holds === '1', at }
  if (mac !== undefined) return { kind: 'arp', mac, isOwn: way === 'sent', at }
  return { kind: 'tick', at }
}

/*
 * Perl, as `perl-base` has it on every Debian, since no shell opens raw sockets. It has no Time::HiRes there, so the time
 * comes from the kernel by the number that clock_gettime has. The kernel tells of addresses by rtnetlink; a filter in the
 * kernel keeps all packets but gratuitous ARP for the address away. It ends when nobody reads what it prints, within a tick.
 */
const PROGRAM = String.raw`
use strict;
use warnings;
use Config;
use Socket qw(AF_INET AF_INET6 SOCK_RAW SOCK_DGRAM SOL_SOCKET MSG_DONTWAIT inet_pton);
use constant { AF_NETLINK => 16, AF_PACKET => 17, SO_ATTACH_FILTER => 26, SIOCGIFINDEX => 0x8933, ENOBUFS => 105 };
use constant { NLMSG_DONE => 3, RTM_NEWADDR => 20, RTM_DELADDR => 21, RTM_GETADDR => 22, OF_A_DUMP => 2 };
my ($address, $device, $seconds, $tick) = @ARGV;
$| = 1;
alarm $seconds;
sub must { my ($what, $done) = @_; return $done if $done; print "failed $what: $!\n"; exit 0 }
my %clock_gettime = (x86_64 => 228, aarch64 => 113, riscv64 => 113, loongarch64 => 113, powerpc64le => 246, s390x => 260, i686 => 265, i386 => 265, arm => 263);
my ($machine) = split /-/, $Config{archname};
my $time_call = $clock_gettime{$machine};
must("the time of a machine of the kind $machine", $time_call);
sub now {
  my $time = "\0" x 16;
  syscall($time_call, 0, $time) == 0 or must('the time', 0);
  my ($whole, $nano) = unpack 'l! l!', $time;
  return $whole + $nano / 1e9;
}
sub told { printf "%s %.6f\n", @_ }

my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
my $wanted = must("the address $address", inet_pton($family, $address));

must('rtnetlink', socket(my $route, AF_NETLINK, SOCK_RAW, 0));
must('rtnetlink', bind($route, pack 'S x2 L L', AF_NETLINK, 0, 0x10 | 0x100));
my (%on, %found, $dumping);
my $held = -1;
sub dump_addresses {
  %found = ();
  my $ask = pack 'L S S L L C4 L', 24, RTM_GETADDR, 0x301, 1, 0, $family, 0, 0, 0, 0;
  must('rtnetlink', send($route, $ask, 0, pack 'S x2 L L', AF_NETLINK, 0, 0));
}
sub tell_held {
  my $now = %on ? 1 : 0;
  return if $now == $held;
  $held = $now;
  told("address $held", $_[0]);
}
sub is_wanted {
  my ($body) = @_;
  return 0 unless length $body >= 8 && ord($body) == $family;
  my ($rest, %value) = (substr $body, 8);
  while (length $rest >= 4) {
    my ($length, $type) = unpack 'S S', $rest;
    last if $length < 4 || $length > length $rest;
    $value{$type} = substr $rest, 4, $length - 4;
    my $aligned = ($length + 3) & ~3;
    $rest = $aligned < length $rest ? substr $rest, $aligned : '';
  }
  my $own = $value{2} // $value{1};
  return defined $own && $own eq $wanted;
}
sub heed {
  my ($type, $flags, $body, $at) = @_;
  if ($type == NLMSG_DONE) { %on = (%found); tell_held($at); return }
  return unless ($type == RTM_NEWADDR || $type == RTM_DELADDR) && is_wanted($body);
  my $index = unpack 'L', substr $body, 4, 4;
  if ($type == RTM_DELADDR) { delete $on{$index}; delete $found{$index} }
  else { $found{$index} = 1; $on{$index} = 1 unless $flags & OF_A_DUMP }
  tell_held($at) unless $flags & OF_A_DUMP || $held < 0;
}
sub read_route {
  my $at = now();
  while (defined recv($route, my $data, 65536, MSG_DONTWAIT)) {
    while (length $data >= 16) {
      my ($length, $type, $flags) = unpack 'L S S', $data;
      last if $length < 16 || $length > length $data;
      heed($type, $flags, substr($data, 16, $length - 16), $at);
      my $aligned = ($length + 3) & ~3;
      $data = $aligned < length $data ? substr $data, $aligned : '';
    }
  }
  dump_addresses() if $! == ENOBUFS;
}

my $packets;
sub open_packets {
  must('an interface', socket(my $any, AF_INET, SOCK_DGRAM, 0));
  my $request = pack 'a16 x24', $device;
  must("the interface $device", ioctl($any, SIOCGIFINDEX, $request));
  my $index = unpack 'i', substr $request, 16, 4;
  my $number = unpack 'N', $wanted;
  my $filter = join '', map { pack 'S C C L', @$_ }
    [0x28, 0, 0, 12], [0x15, 0, 5, 0x0806],
    [0x20, 0, 0, 28], [0x15, 0, 3, $number],
    [0x20, 0, 0, 38], [0x15, 0, 1, $number],
    [0x06, 0, 0, 64], [0x06, 0, 0, 0];
  my $pointer = pack "S x!$Config{ptrsize} P", 8, $filter;
  must('packets', socket($packets, AF_PACKET, SOCK_RAW, 0));
  must('a filter', setsockopt($packets, SOL_SOCKET, SO_ATTACH_FILTER, $pointer));
  must('packets', bind($packets, pack 'S n i S C C a8', AF_PACKET, 3, $index, 0, 0, 0, ''));
}
sub read_packets {
  my $at = now();
  while (defined(my $from = recv($packets, my $frame, 128, MSG_DONTWAIT))) {
    next if length $frame < 42;
    my $mac = join ':', unpack '(H2)6', substr $frame, 22, 6;
    my (undef, undef, undef, undef, $way) = unpack 'S n i S C', $from;
    told("arp $mac " . ($way == 4 ? 'sent' : 'heard'), $at);
  }
}

open_packets() if $family == AF_INET;
sub content { open my $file, '<', $_[0] or must($_[0], 0); return scalar <$file> }
chomp(my $kernel = content('/proc/sys/kernel/random/boot_id'));
my $begun = (split ' ', (split /\) /, content('/proc/1/stat'))[-1])[19];
told("begin $kernel-$begun", now());
dump_addresses();
my $next = now() + $tick;
for (;;) {
  my $left = $next - now();
  $left = $tick if $left > $tick;
  if ($left <= 0) {
    told('tick', now());
    $next = now() + $tick;
    next;
  }
  my $ready = '';
  vec($ready, fileno $_, 1) = 1 for grep { defined } $route, $packets;
  my $count = select $ready, undef, undef, $left;
  next if $count <= 0;
  read_route() if vec $ready, fileno $route, 1;
  read_packets() if defined $packets && vec $ready, fileno $packets, 1;
}
`
