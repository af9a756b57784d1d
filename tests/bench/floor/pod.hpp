// The floor's pods.
#pragma once

/// Where a pod of the floor lives.
struct Site {
  const char* rootfs;  ///< holds the payload
  const char* layers;  ///< an empty directory on disk, for writable layers
  const char* bench;   ///< the directory with the FIFO, mounted into the containers
};

/// Prints what failed, with errno's words, and exits, if a result is negative; else yields it.
long must(long result, const char* what);
#define MUST(call) must((call), #call)

/// Two containers that run until we get SIGTERM; then everything is killed and reaped.
void run_pod(const Site& site);
/// Executes COMMAND among the namespaces and in the root of a process, and gives its exit status.
int run_in_container(const char* pid, char** command);
/// One container that ends after REST milliseconds, and its successor, which runs until we get SIGTERM.
void run_restart(const Site& site, const char* rest);
