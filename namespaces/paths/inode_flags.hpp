// What keeps root itself from removing a file: chattr(1)'s flags, and btrfs' read-only subvolumes.
#pragma once

namespace podrun::ns {

/// Takes "immutable" and "append only" from an entry of a directory, FS_IOC_SETFLAGS of ioctl_iflags(2): a container
/// with LINUX_IMMUTABLE may have set them. It follows no link, and what is neither a file nor a directory is not
/// opened. False: it had neither, or they cannot be taken from it.
bool clear_protection(int directory, const char* name) noexcept;

/// The same for what is open.
bool clear_protection(int file) noexcept;

/// Makes a btrfs subvolume writable that is not, BTRFS_IOC_SUBVOL_SETFLAGS. Nothing happens to another directory.
void make_writable_subvolume(int directory, unsigned long long inode) noexcept;

}  // namespace podrun::ns
