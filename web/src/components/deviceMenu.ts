// Device choices as groups of a menu: the same for the bar of the room wherever they open.
import type { Background, Devices, Noise } from "../lib/devices.svelte";
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

/** A choice of a few, each by its name. */
function choices<T extends string>(
  title: string,
  labels: Record<T, string>,
  current: T,
  testid: string,
  choose: (choice: T) => void,
): MenuGroup {
  const items = (Object.keys(labels) as T[]).map((choice) => ({
    label: labels[choice],
    chosen: choice === current,
    run: () => choose(choice),
    testid: `${testid}-${choice}`,
  }));
  return { title, items };
}

export function soundMenu(devices: Devices): MenuGroup[] {
  const { microphone, speakers, speaker } = devices;
  const groups = [
    group(t.microphone, microphone.list, microphone.used, (id) => {
      void devices.choose("microphone", id);
    }),
  ];
  if (canChooseSpeaker && speakers.length > 0) {
    groups.push(group(t.speaker, speakers, speaker, (id) => devices.chooseSpeaker(id)));
  }
  if (microphone.list.length > 0) {
    const choose = (noise: Noise) => void devices.chooseNoise(noise);
    groups.push(choices(t.view.noise, t.view.noises, devices.noise, "noise", choose));
  }
  return groups.filter((g) => g.items.length > 0);
}

export function cameraMenu(devices: Devices): MenuGroup[] {
  const { camera } = devices;
  const choose = (id: string) => void devices.choose("camera", id);
  const cameras = group(t.camera, camera.list, camera.used, choose);
  if (cameras.items.length === 0) return [];
  const turn = (background: Background) => devices.chooseBackground(background);
  return [cameras, choices(t.view.background, t.view.backgrounds, devices.background, "background", turn)];
}
