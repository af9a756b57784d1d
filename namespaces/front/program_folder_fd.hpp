// The descriptors that the front passes on. libc alone.
#pragma once

namespace podrun {

/// A descriptor, O_PATH, of the folder that contains podrun-supervisor, podrun-service and the other programs, on
/// a read-only mount of its own: a container that gets hold of a program by /proc/PID/exe can never write to it (the
/// class of CVE-2019-5736). All share one mount, because the kernel takes milliseconds to release one.
inline constexpr int programs_fd = 10;

/// The write end of the pipe by which a start with -d tells the front its result. It is open if the front has set
/// PODRUN_CALLER_WAITS.
inline constexpr int result_fd = 11;

}  // namespace podrun
