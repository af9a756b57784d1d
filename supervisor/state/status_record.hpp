// The lifecycle's part of a pod's record ⇄ JSON: the statuses of the containers, and the conditions of the pod.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// Translates times since boot for people: nothing but `ns` is read back.
class RecordTimes {
 public:
  /// The pod's start, since 1970 in nanoseconds and since boot.
  RecordTimes(std::int64_t started_realtime, BootTime started)
      : boot_(std::chrono::nanoseconds(started_realtime) - started) {}

  pod::json::Value operator()(BootTime time) const;
  pod::json::Value operator()(const std::optional<BootTime>& time) const;

 private:
  std::chrono::nanoseconds boot_;  // when the machine was booted, since 1970
};

/// The inverse of RecordTimes, for the member `name`.
BootTime read_record_time(const pod::json::Reader& from, std::string_view name);

/// Adds the members of a container's status to the object that is its record.
void add_status(pod::json::Value& members, const ContainerStatus& status, const RecordTimes& time);
/// The inverse, for a record of that version.
ContainerStatus read_status(const pod::json::Reader& from, int version);

/// The conditions of a pod by their names.
pod::json::Value conditions_json(const Conditions& conditions, const RecordTimes& time);
/// The inverse, for the whole record. The conditions of a pod of an older podrun are computed anew.
Conditions read_conditions(const pod::json::Reader& from);

}  // namespace podrun::supervisor
