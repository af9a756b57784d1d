// Where the front leaves the folder of podrun's programs for the one that it executes. libc alone.
#pragma once

namespace podrun {

/// A descriptor of the folder that podrun-supervisor, podrun-pause and podrun-entry lie in, O_PATH, on a read-only
/// mount of its own: a container that gets hold of a program by /proc/PID/exe can never write to it (the class of
/// CVE-2019-5736). One mount for all of them, since the kernel takes milliseconds to let go of one.
inline constexpr int programs_fd = 10;

}  // namespace podrun
