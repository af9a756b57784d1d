// Defines the functions of libsystemd that podrun uses. Each looks up its namesake in the library, which the first call
// loads with dlopen(3). Linking the library instead would load six more libraries, for features of the journal that
// podrun does not use (liblzma: CVE-2024-3094), into every command, and cost each 0.4 ms: `podrun ps` needs no event
// loop. The supervisor of a new pod loads it while the containers' processes carry out their steps.
#include <dlfcn.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include <cerrno>

namespace {

/// Null if the library, or the function in it, does not exist.
template <typename Function>
Function* find(const char* name) {
  static void* const library = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(library, name));
}

/// For functions that return a negative errno.
template <typename Function, typename... Arguments>
int call(const char* name, Arguments... arguments) {
  Function* const function = find<Function>(name);
  return function == nullptr ? -ELIBACC : function(arguments...);
}

}  // namespace

int sd_event_new(sd_event** loop) { return call<decltype(sd_event_new)>("sd_event_new", loop); }

int sd_event_add_io(sd_event* loop, sd_event_source** source, int fd, std::uint32_t events,
                    sd_event_io_handler_t callback, void* data) {
  return call<decltype(sd_event_add_io)>("sd_event_add_io", loop, source, fd, events, callback, data);
}

int sd_event_add_time(sd_event* loop, sd_event_source** source, clockid_t clock, std::uint64_t usec,
                      std::uint64_t accuracy, sd_event_time_handler_t callback, void* data) {
  return call<decltype(sd_event_add_time)>("sd_event_add_time", loop, source, clock, usec, accuracy, callback, data);
}

int sd_event_add_defer(sd_event* loop, sd_event_source** source, sd_event_handler_t callback, void* data) {
  return call<decltype(sd_event_add_defer)>("sd_event_add_defer", loop, source, callback, data);
}

int sd_event_run(sd_event* loop, std::uint64_t timeout) {
  return call<decltype(sd_event_run)>("sd_event_run", loop, timeout);
}

// For functions whose arguments exist only if the library was loaded.
sd_event* sd_event_unref(sd_event* loop) { return find<decltype(sd_event_unref)>("sd_event_unref")(loop); }

sd_event_source* sd_event_source_disable_unref(sd_event_source* source) {
  return source == nullptr ? nullptr
                           : find<decltype(sd_event_source_disable_unref)>("sd_event_source_disable_unref")(source);
}

int sd_pid_notify(pid_t pid, int unset_environment, const char* state) {
  return call<decltype(sd_pid_notify)>("sd_pid_notify", pid, unset_environment, state);
}

int sd_journal_sendv(const iovec* fields, int count) {
  return call<decltype(sd_journal_sendv)>("sd_journal_sendv", fields, count);
}
