// Containers whose images are not there yet.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;

WaitingReason reason(const Pod& pod, std::size_t index) {
  return waiting_reason(pod.spec, pod.status, index, pod.now);
}

/// The pod when the image of a container has changed.
Pod& change(Pod& pod, std::size_t index, Image image) {
  pod.spec.containers[index].image = image;
  return pod.on(event::ImageChanged{});
}

TEST(PodImages, AContainerStartsWhenItsImageHasCome) {
  Pod pod(2);
  pod.spec.containers[0].image = Image::Awaited;
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "1 Launch 0") << "the other one does not wait for it";
  EXPECT_EQ(reason(pod, 0), WaitingReason::Image);
  EXPECT_EQ(words(change(pod, 0, Image::Present).actions), "0 Launch 0");
  EXPECT_EQ(reason(pod, 0), WaitingReason::None);
}

TEST(PodImages, ThePodIsReadyOnlyWhenTheImageHasComeOrCannotBeFetched) {
  Pod pod(2);
  pod.spec.containers[0].image = Image::Awaited;
  pod.on(event::PodStart{}).of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record");
  Pod failing = pod;
  change(pod, 0, Image::Present).of(0, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "0 Record, Started, Ready");

  change(failing, 0, Image::Unavailable);
  EXPECT_EQ(words(failing.actions), "Started") << "nobody waits for one that fails, as for one in back-off";
  EXPECT_EQ(reason(failing, 0), WaitingReason::NoImage);
  EXPECT_EQ(phase(failing.status), Phase::Pending);
  EXPECT_EQ(words(change(failing, 0, Image::Present).actions), "0 Launch 0");
}

TEST(PodImages, ThoseAfterAnInitContainerWithoutItsImageWaitForTheInit) {
  Pod pod(2, pod::RestartPolicy::Never);
  pod.spec.containers[0].role = ContainerRole::Init;
  pod.spec.containers[0].image = pod.spec.containers[1].image = Image::Awaited;
  pod.on(event::PodStart{});
  EXPECT_EQ(reason(pod, 0), WaitingReason::Image);
  EXPECT_EQ(reason(pod, 1), WaitingReason::Init);
  change(pod, 0, Image::Unavailable);
  EXPECT_EQ(words(pod.actions), "Started");
  change(pod, 0, Image::Present).of(0, event::ExecOk{}).of(0, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap");
  EXPECT_EQ(reason(pod, 1), WaitingReason::Image);
  EXPECT_EQ(words(change(pod, 1, Image::Present).actions), "1 Launch 0");
}

TEST(PodImages, AJoinerWaitsForTheImageOfItsOwner) {
  Pod pod = joined();
  pod.spec.containers[1].image = Image::Awaited;
  pod.on(event::PodStart{});
  EXPECT_EQ(reason(pod, 0), WaitingReason::Owner);
  EXPECT_EQ(reason(pod, 1), WaitingReason::Image);
  change(pod, 1, Image::Present).of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 0");
}

TEST(PodImages, ARestartWaitsForItsImage) {
  Pod pod(1);
  pod.run();
  pod.spec.containers[0].image = Image::Awaited;
  pod.of(0, event::Exited{1});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap");
  EXPECT_EQ(reason(pod, 0), WaitingReason::Image);
  EXPECT_EQ(words(change(pod, 0, Image::Present).actions), "0 Launch 1");
}

TEST(PodImages, AnImageThatComesDuringABackoffStartsNothing) {
  Pod pod(1);
  pod.run().of(0, event::Exited{1}).of(0, event::ExecOk{});
  pod.spec.containers[0].image = Image::Awaited;
  pod.of(0, event::Exited{1});
  EXPECT_EQ(reason(pod, 0), WaitingReason::Backoff);
  pod.spec.containers[0].image = Image::Present;
  EXPECT_EQ(step(pod.spec, pod.status, event::ImageChanged{}, pod.now).cell, TableCell::Ignored);
  EXPECT_EQ(words(pod.fire(0, TimerName::Backoff).actions), "0 Launch 2");
}

TEST(PodImages, AStopEndsAPodThatAwaitsAnImage) {
  Pod pod(1);
  pod.spec.containers[0].image = Image::Awaited;
  pod.on(event::PodStart{}).on(event::PodStop{});
  EXPECT_EQ(words(pod.actions), "0 Record, Started, Finish 0");
  pod.spec.containers[0].image = Image::Present;
  EXPECT_EQ(step(pod.spec, pod.status, event::ImageChanged{}, pod.now).cell, TableCell::Ignored);
}

}  // namespace
}  // namespace podrun::supervisor
