/**
 * Perl, as `perl-base` has it on every Debian, since no shell opens raw sockets. Takes a nonce, the interface, the virtual
 * router, whether to try multicast, the least and the most rounds of a tenth of a second, its own place among the
 * addresses that follow. Prints `heard WAY+PLACE TTL`, `refused WAY REASON`, `stranger ADDRESS` and `end`, or
 * `failed REASON`. It ends early when it has heard all, and all have heard it.
 */
export const HEARING_PROGRAM = String.raw`
use strict;
use warnings;
use Socket qw(:DEFAULT MSG_DONTWAIT IPPROTO_IP IP_TTL IP_MULTICAST_TTL IP_MULTICAST_IF IP_MULTICAST_LOOP IP_ADD_MEMBERSHIP pack_ip_mreq);
use constant SO_BINDTODEVICE => 25;
my ($nonce, $device, $vrid, $multicast, $least, $most, $self, @hosts) = @ARGV;
my $mark = pack('C2', 0, 0) . "gw doctor $nonce ";
my ($own, @address) = (inet_aton($hosts[$self]), map { inet_aton($_) } @hosts);
my %index = map { $address[$_] => $_ } 0 .. $#address;
my @peers = grep { $_ != $self } 0 .. $#address;
my $group = inet_aton('224.0.0.18');

$| = 1;
sub must { my ($what, $done) = @_; return if $done; print "failed $what: $!\n"; exit 0 }
sub opened { must('socket', socket(my $socket, PF_INET, SOCK_RAW, 112)); $socket }
my ($in, $out) = (opened(), opened());
must('interface', setsockopt($_, SOL_SOCKET, SO_BINDTODEVICE, pack('Z*', $device))) for $in, $out;
must('address', bind($out, pack_sockaddr_in(0, $own)));
must('ttl', setsockopt($out, IPPROTO_IP, IP_TTL, 255));
if ($multicast) {
  must('group', setsockopt($in, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack_ip_mreq($group, $own)));
  must('group', setsockopt($out, IPPROTO_IP, $_->[0], $_->[1])) for
    [IP_MULTICAST_IF, $own], [IP_MULTICAST_TTL, 255], [IP_MULTICAST_LOOP, 0];
}
my $way = $multicast ? 'm' : 'u';
my (%heard, %knows, %stranger, %refused);
sub say_to { my ($to, $how) = @_;
  my $known = join '', map { $heard{"$way$_"} ? 1 : 0 } 0 .. $#address;
  defined send($out, "$mark$self $how $known ", 0, pack_sockaddr_in(0, $to)) or $refused{$how} = "$!";
}
sub listen_once {
  while (defined recv($in, my $packet, 2048, MSG_DONTWAIT)) {
    my ($length, $ttl, $from) = (4 * (ord($packet) & 15), ord(substr $packet, 8, 1), substr($packet, 12, 4));
    my $body = substr $packet, $length;
    if (index($body, $mark) == 0 && substr($body, length $mark) =~ /^(\d+) ([mu]) ([01]+) /) {
      my ($peer, $how, $known) = ($1, $2, $3);
      next unless defined $index{$from} && $index{$from} == $peer && $peer != $self;
      $heard{"$how$peer"} ||= $ttl;
      $knows{$peer} = substr $known, $self, 1;
    } elsif (length $body >= 8 && (ord($body) & 15) == 1 && ord(substr $body, 1, 1) == $vrid && !defined $index{$from}) {
      $stranger{inet_ntoa($from)} = 1;
    }
  }
}
my $after = 0;
for my $round (1 .. $most) {
  say_to($group, 'm') if $multicast;
  say_to($address[$_], 'u') for @peers;
  select undef, undef, undef, 0.1;
  listen_once();
  my $well = !grep { !$heard{"$way$_"} || !$knows{$_} } @peers;
  $after++ if $well;
  last if $after > 2 && $round >= $least;
}
print "heard $_ $heard{$_}\n" for sort keys %heard;
print "refused $_ $refused{$_}\n" for sort keys %refused;
print "stranger $_\n" for sort keys %stranger;
print "end\n";
`
