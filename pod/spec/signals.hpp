// The signals that may stop a container, signal(7).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace podrun::pod {

/// The values of `lifecycle.stopSignal`, those of Kubernetes for Linux, and their numbers. SIGRTMIN is 34, as in container
/// runtimes and in glibc, whatever the C library of the image says.
inline constexpr std::array<std::pair<std::string_view, int>, 65> stop_signals{{
    {"SIGABRT", 6},      {"SIGALRM", 14},     {"SIGBUS", 7},       {"SIGCHLD", 17},     {"SIGCLD", 17},
    {"SIGCONT", 18},     {"SIGFPE", 8},       {"SIGHUP", 1},       {"SIGILL", 4},       {"SIGINT", 2},
    {"SIGIO", 29},       {"SIGIOT", 6},       {"SIGKILL", 9},      {"SIGPIPE", 13},     {"SIGPOLL", 29},
    {"SIGPROF", 27},     {"SIGPWR", 30},      {"SIGQUIT", 3},      {"SIGSEGV", 11},     {"SIGSTKFLT", 16},
    {"SIGSTOP", 19},     {"SIGSYS", 31},      {"SIGTERM", 15},     {"SIGTRAP", 5},      {"SIGTSTP", 20},
    {"SIGTTIN", 21},     {"SIGTTOU", 22},     {"SIGURG", 23},      {"SIGUSR1", 10},     {"SIGUSR2", 12},
    {"SIGVTALRM", 26},   {"SIGWINCH", 28},    {"SIGXCPU", 24},     {"SIGXFSZ", 25},     {"SIGRTMIN", 34},
    {"SIGRTMIN+1", 35},  {"SIGRTMIN+2", 36},  {"SIGRTMIN+3", 37},  {"SIGRTMIN+4", 38},  {"SIGRTMIN+5", 39},
    {"SIGRTMIN+6", 40},  {"SIGRTMIN+7", 41},  {"SIGRTMIN+8", 42},  {"SIGRTMIN+9", 43},  {"SIGRTMIN+10", 44},
    {"SIGRTMIN+11", 45}, {"SIGRTMIN+12", 46}, {"SIGRTMIN+13", 47}, {"SIGRTMIN+14", 48}, {"SIGRTMIN+15", 49},
    {"SIGRTMAX-14", 50}, {"SIGRTMAX-13", 51}, {"SIGRTMAX-12", 52}, {"SIGRTMAX-11", 53}, {"SIGRTMAX-10", 54},
    {"SIGRTMAX-9", 55},  {"SIGRTMAX-8", 56},  {"SIGRTMAX-7", 57},  {"SIGRTMAX-6", 58},  {"SIGRTMAX-5", 59},
    {"SIGRTMAX-4", 60},  {"SIGRTMAX-3", 61},  {"SIGRTMAX-2", 62},  {"SIGRTMAX-1", 63},  {"SIGRTMAX", 64},
}};

inline constexpr int default_stop_signal = 15;  ///< SIGTERM

/// The number of a signal by its name in `stop_signals`; empty for any other text.
std::optional<int> signal_of(std::string_view name);

/// The number of a signal as images name it: also in lower case, without "SIG", or as a number from 1 to 64.
std::optional<int> image_signal(std::string_view text);

/// The name of a signal: "SIGTERM"; a number that has none as it is.
std::string signal_name(int number);

}  // namespace podrun::pod
