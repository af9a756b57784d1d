// The pods of the floor.
#pragma once

/// The directories of a pod of the floor.
struct Site {
  const char* rootfs;  ///< holds the payload
  const char* layers;  ///< an empty directory on disk, for writable layers
  const char* bench;   ///< the directory with the FIFO, mounted into the containers
};

/// If a result is negative, prints what failed with the error, and exits. Otherwise yields the result.
long must(long result, const char* what);
#define MUST(call) must((call), #call)

/// Runs two containers until SIGTERM. Then everything is killed and reaped. NETWORK: a file of requests that connect the
/// pod to the host, or nullptr.
void run_pod(const Site& site, const char* network = nullptr);
/// Sends the requests of a file, network_requests.hpp, for the network namespace of a process.
void connect_pod(int pause_pid, const char* file);
/// Executes COMMAND in the namespaces and the root of a process, and returns its exit status.
int run_in_container(const char* pid, char** command);
/// Runs a container that ends after REST milliseconds, and then its successor until SIGTERM.
void run_restart(const Site& site, const char* rest);
