// The probe: a static program that system tests put into their images. Each mode is one attack, or one habit,
// of a process in a container; it says on stdout how it went, a line each, and the test decides what that
// means.
#pragma once

namespace podrun::probe {

/// A mode's words behind its name, and their number.
using Words = char**;

// attempts.cpp: what a container may not do by itself
int try_everything(int count, Words words);
int signal_group(int count, Words words);
int reach(int count, Words words);
int call_host(int count, Words words);
int read_key(int count, Words words);

// calls.cpp: what no filter may let through
int make_user_namespaces(int count, Words words);
int make_siblings(int count, Words words);
int open_vsock(int count, Words words);
int fill_terminals(int count, Words words);

// handover.cpp: what two containers may not do together
int give(int count, Words words);
int serve(int count, Words words);
int take_descriptors(int count, Words words);
int take_proc(int count, Words words);
int take_root(int count, Words words);
int watch_window(int count, Words words);

// program.cpp: what a container may not do to podrun's program
int overwrite(int count, Words words);

// instance.cpp: how containers behave whose supervisor is killed
int run_instance(int count, Words words);
int print_numbers(int count, Words words);
int exit_at_once(int count, Words words);

// stopped.cpp: how containers end that are asked to
int count_terms(int count, Words words);

// strangers.cpp: what they leave outside of themselves
int leave_siblings(int count, Words words);
int leave_orphan(int count, Words words);
int command(int count, Words words);

// births.cpp: what a container with SYS_PTRACE may not find out, nor do by another process
int watch_births(int count, Words words);
int use_as_puppet(int count, Words words);

// flood.cpp: one that writes as fast as it can
int flood(int count, Words words);

// identity.cpp: who a process is
int identity(int count, Words words);

}  // namespace podrun::probe
