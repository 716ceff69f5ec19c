// Device choices as groups of a menu: the same for the bar of the room wherever they open.
import type { Devices } from "../lib/devices.svelte";
import { canChooseSpeaker } from "../lib/sound.svelte";
import { t } from "../texts";
import type { MenuGroup } from "./Menu.svelte";

export function deviceLabel(device: MediaDeviceInfo, index: number): string {
  return device.label || t.deviceUnnamed(index + 1);
}

function group(
  title: string,
  list: MediaDeviceInfo[],
  current: string | undefined,
  choose: (id: string) => void,
): MenuGroup {
  return {
    title,
    items: list.map((d, i) => ({
      label: deviceLabel(d, i),
      chosen: d.deviceId === current || (i === 0 && !list.some((o) => o.deviceId === current)),
      run: () => choose(d.deviceId),
    })),
  };
}

/** The device in use: the track knows best, since a wish may not have come true. */
export function inUse(track: MediaStreamTrack | undefined, chosen: string): string {
  return track?.getSettings().deviceId ?? chosen;
}

export function soundMenu(devices: Devices): MenuGroup[] {
  const { microphone, speakers, speaker } = devices;
  const groups = [
    group(t.microphone, microphone.list, inUse(microphone.track, microphone.chosen), (id) => {
      void devices.choose("microphone", id);
    }),
  ];
  if (canChooseSpeaker && speakers.length > 0) {
    groups.push(group(t.speaker, speakers, speaker, (id) => devices.chooseSpeaker(id)));
  }
  return groups.filter((g) => g.items.length > 0);
}

export function cameraMenu(devices: Devices): MenuGroup[] {
  const { camera } = devices;
  const choose = (id: string) => void devices.choose("camera", id);
  const cameras = group(t.camera, camera.list, inUse(camera.track, camera.chosen), choose);
  return cameras.items.length > 0 ? [cameras] : [];
}
