// Defines the functions of libsystemd that podrun uses. Each looks up its namesake in the library, which the first call
// loads with dlopen(3). Linking the library instead would load six more libraries, for features of the journal that
// podrun does not use (liblzma: CVE-2024-3094), into the program. Only a supervisor that systemd started, or whose
// messages the journal gets, calls them.
#include <dlfcn.h>
#include <systemd/sd-daemon.h>
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

int sd_pid_notify(pid_t pid, int unset_environment, const char* state) {
  return call<decltype(sd_pid_notify)>("sd_pid_notify", pid, unset_environment, state);
}

int sd_journal_sendv(const iovec* fields, int count) {
  return call<decltype(sd_journal_sendv)>("sd_journal_sendv", fields, count);
}
