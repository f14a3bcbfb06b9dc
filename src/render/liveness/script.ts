/** Where the prober lies; mode 0755. */
export const LIVENESS_SCRIPT = '/usr/local/lib/gw/liveness'

/**
 * The resident prober, in the part of Perl that every Debian has. It loads no module: `use strict` alone costs 0.6 MB, so
 * only the tests read it strictly. Arguments: a port of 127.0.0.1, the path, the state file, NGINX's pid file, milliseconds
 * from one request to the next, milliseconds that an answer may take.
 */
export function livenessScript(): string {
  return SCRIPT
}

const SCRIPT = String.raw`#!/usr/bin/perl
# Written by gw: changes made here are overwritten by the next deploy.
#
# Tells keepalived when NGINX runs but does not answer: liveness PORT PATH FILE PID-FILE PERIOD PATIENCE
#
# Every PERIOD milliseconds it asks 127.0.0.1 for PATH, over a connection of its own. FILE gets 1 when two requests in a row
# were not answered by 200 within PATIENCE milliseconds, and 0 when three in a row were.
#
# Silence alone is not enough, for a flood of handshakes keeps an NGINX that is well from answering for seconds, and follows
# the address to the peer. So the second request waits for as long as a process of NGINX computes, 10 seconds at most.
# Where nobody listens there is no opinion, which is 0: that NGINX was stopped, or has a configuration without this port, is
# not for this program to tell. A connection that NGINX closes without a word says nothing: it has none left, but it lives.
# Nor does one that this host cannot even begin, for it is the host that lacks something.
#
# No module and no pattern: perl would need memory for them. Hence the numbers, which are those of Linux.

my ($INET, $UNIX) = (2, 1);
my ($STREAM, $DATAGRAM, $NONBLOCK, $CLOEXEC) = (1, 2, 04000, 02000000);
my ($SOL_SOCKET, $SO_ERROR, $SO_LINGER) = (1, 4, 13);
my ($ECONNREFUSED, $EINPROGRESS) = (111, 115);
my ($O_RDWR, $O_CREAT) = (2, 0100);

my ($BAD_IN_A_ROW, $GOOD_IN_A_ROW) = (2, 3);
my $LONGEST = 10;
# Later than that means that this program was held up, and perhaps NGINX with it.
my $LATE = 0.1;
my $TELL_AGAIN_EVERY = 1;

die "usage: liveness PORT PATH FILE PID-FILE PERIOD PATIENCE\n" unless @ARGV == 6;
my ($port, $path, $file, $pid_file, $period, $patience) = @ARGV;
$period /= 1000;
$patience /= 1000;

my $server = pack 'S n C4 x8', $INET, $port, 127, 0, 0, 1;
my $request = "GET $path HTTP/1.0\r\n\r\n";
my $status_200 = 'HTTP/1.1 200 ';
my ($state, $why, $began, $deadline, $expired, $work) = (-1, '', 0, 0, 0, undef);

# A peer that goes while it is written to is an answer like others.
$SIG{PIPE} = 'IGNORE';
# Seconds since boot: steps of the clock do not matter, and a machine that slept has been held up.
open my $uptime, '<', '/proc/uptime' or die "/proc/uptime: $!\n";

sub now {
    sysseek $uptime, 0, 0;
    sysread $uptime, my $text, 64;
    return substr $text, 0, index $text, ' ';
}

sub rest {
    my ($seconds) = @_;
    select undef, undef, undef, $seconds if $seconds > 0;
}

sub content {
    my ($name) = @_;
    open my $handle, '<', $name or return '';
    sysread $handle, my $text, 65536;
    return $text // '';
}

# What NGINX has computed: its processes with their time on a processor. One that waits for a processor is never the same.
sub work_of_nginx {
    my $master = (split ' ', content($pid_file))[0] // 0;
    my $work = '';
    for my $process (split ' ', content("/proc/$master/task/$master/children")) {
        my $stat = content("/proc/$process/stat");
        my @fields = split ' ', substr $stat, 1 + rindex $stat, ')';
        $work .= join ' ', $process, @fields[11, 12], $fields[0] eq 'R' ? now() : '', '' if @fields;
    }
    return $work;
}

# Whether NGINX computes and is to have more time. Of the first request in a row there is nothing to compare with.
sub is_busy {
    my $before = $work;
    $work = work_of_nginx();
    return defined $before && $before ne $work && now() - $began < $LONGEST;
}

# Waits until the socket can be read (or written); whether it can in time.
sub can {
    my ($what, $socket) = @_;
    my $bits = '';
    vec($bits, fileno $socket, 1) = 1;
    while (1) {
        my ($left, $ready) = ($deadline - now(), $bits);
        $left = 0 if $left < 0;
        return 1 if 0 < ($what eq 'read' ? select $ready, undef, undef, $left : select undef, $ready, undef, $left);
        $expired = now() - $deadline > $LATE || !is_busy();
        return 0 if $expired;
        tell_again();
        $deadline += $patience;
    }
}

# Connects: the number of an error, or 0.
sub connected {
    my ($socket) = @_;
    return 0 if connect $socket, $server;
    return $! + 0 if $! != $EINPROGRESS;
    return $EINPROGRESS unless can('write', $socket);
    return unpack 'i', getsockopt $socket, $SOL_SOCKET, $SO_ERROR;
}

# The beginning of the answer, as much of it as came; undefined for a connection that was closed without a word.
sub answer {
    my ($socket) = @_;
    my $answer = '';
    syswrite $socket, $request;
    while (length $answer < length $status_200 && can('read', $socket)) {
        next if sysread $socket, $answer, 64, length $answer;
        return $answer eq '' ? undef : $answer;
    }
    return $answer;
}

# What became of one request: good, bad, refused (nobody listens) or void (it says nothing of NGINX).
sub ask {
    $began = now();
    ($deadline, $expired) = ($began + $patience, 0);
    socket my $socket, $INET, $STREAM | $NONBLOCK | $CLOEXEC, 0 or die "no socket: $!\n";
    # Reset when it is closed, so that no ten connections a second are remembered for a minute.
    setsockopt $socket, $SOL_SOCKET, $SO_LINGER, pack 'ii', 1, 0;
    my $error = connected($socket);
    return 'refused' if $error == $ECONNREFUSED;
    return 'void' if $error && $error != $EINPROGRESS;
    my $answer = $error ? '' : answer($socket);
    return 'void' if !defined $answer || now() - $deadline > $LATE;
    return 'good' if substr($answer, 0, length $status_200) eq $status_200;
    my $waited = int(1000 * ($deadline - $began) + 0.5);
    $why = $expired ? "NGINX hangs: no answer within $waited ms" : "what listens on port $port does not answer 200";
    return 'bad';
}

# Written over and not anew: the file is never empty.
sub write_state {
    sysopen my $handle, $file, $O_RDWR | $O_CREAT, 0644 or die "$file: $!\n";
    syswrite $handle, "$state\n" or die "$file: $!\n";
    close $handle;
}

sub tell_keepalived {
    my ($new, $words) = @_;
    return if $new == $state;
    syswrite STDERR, "$words\n" if $state >= 0;
    $state = $new;
    write_state();
}

my ($systemd, $told) = (undef, now());

# Once a second: its opinion, which somebody else may have written over, and to systemd that this program is well.
sub tell_again {
    return if now() - $told < $TELL_AGAIN_EVERY;
    $told = now();
    write_state();
    my $name = $ENV{NOTIFY_SOCKET};
    return if !defined $name;
    substr $name, 0, 1, "\0" if substr($name, 0, 1) eq '@';
    socket $systemd, $UNIX, $DATAGRAM | $CLOEXEC, 0 or die "no socket: $!\n" unless $systemd;
    send $systemd, 'WATCHDOG=1', 0, pack 'S a*', $UNIX, $name;
}

my ($bad, $good) = (0, 0);
tell_keepalived(0);
# As systemd's (Type=forking) it goes on as a child of its own, which has in memory only what this loop needs of perl.
exit if $ENV{NOTIFY_SOCKET} && (fork // die "no fork: $!\n");
while (1) {
    tell_again();
    my $result = ask();
    if ($result eq 'good') {
        ($bad, $work) = (0, undef);
        tell_keepalived(0, 'NGINX answers again') if ++$good >= $GOOD_IN_A_ROW;
    } elsif ($result eq 'bad') {
        $good = 0;
        tell_keepalived(1, "<4>$why, $BAD_IN_A_ROW times in a row") if ++$bad >= $BAD_IN_A_ROW;
    } elsif ($result eq 'refused') {
        ($bad, $good, $work) = (0, 0, undef);
        tell_keepalived(0, "nobody listens on port $port any more");
    }
    # The second of two bad ones comes at once.
    rest($began + $period - now()) unless $result eq 'bad' && $bad < $BAD_IN_A_ROW;
}
`
