// The probe: a static program that system tests put into their images. Each mode is an attack, or a behaviour, of a
// process in a container. It prints each outcome as a line on stdout, and the test decides what that means.
#pragma once

namespace podrun::probe {

/// The arguments of a mode after its name, and their number.
using Words = char**;

// attempts.cpp: attacks of a single container
int try_everything(int count, Words words);
int signal_group(int count, Words words);
int reach(int count, Words words);
int call_host(int count, Words words);
int read_key(int count, Words words);

// calls.cpp: system calls that filters deny
int make_user_namespaces(int count, Words words);
int make_siblings(int count, Words words);
int open_vsock(int count, Words words);
int fill_terminals(int count, Words words);

// handover.cpp: attacks of two containers together
int give(int count, Words words);
int serve(int count, Words words);
int take_descriptors(int count, Words words);
int take_proc(int count, Words words);
int take_root(int count, Words words);
int watch_window(int count, Words words);

// program.cpp: attacks on podrun's program
int overwrite(int count, Words words);

// instance.cpp: containers whose supervisor is killed
int run_instance(int count, Words words);
int print_numbers(int count, Words words);
int exit_at_once(int count, Words words);

// stopped.cpp: containers that are stopped
int count_terms(int count, Words words);

// orphans.cpp: processes that containers leave outside of themselves
int leave_siblings(int count, Words words);
int leave_orphan(int count, Words words);
int command(int count, Words words);

// births.cpp: attacks of a container with SYS_PTRACE on processes of podrun
int watch_births(int count, Words words);
int use_as_puppet(int count, Words words);

// flood.cpp: a container that writes as fast as it can
int flood(int count, Words words);

// actor.cpp: containers, hooks and probes of scenarios
int act(int count, Words words);
int ask(int count, Words words);

// identity.cpp: ids and capabilities of a process
int identity(int count, Words words);

// datagrams.cpp: datagrams between containers, hosts and clients
int echo_datagrams(int count, Words words);
int say(int count, Words words);

}  // namespace podrun::probe
