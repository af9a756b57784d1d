// Flags that keep even root from removing a file: those of chattr(1), and read-only btrfs subvolumes.
#pragma once

namespace podrun::ns {

/// Clears the flags "immutable" and "append only" of a directory entry, FS_IOC_SETFLAGS of ioctl_iflags(2). A container
/// with LINUX_IMMUTABLE may have set them. It follows no link, and opens only files and directories. False: neither
/// flag was set, or they cannot be cleared.
bool clear_protection(int directory, const char* name) noexcept;

/// Clears both flags of an open file or directory.
bool clear_protection(int file) noexcept;

/// Makes a read-only btrfs subvolume writable, BTRFS_IOC_SUBVOL_SETFLAGS. Any other directory stays as it is.
void make_writable_subvolume(int directory, unsigned long long inode) noexcept;

}  // namespace podrun::ns
