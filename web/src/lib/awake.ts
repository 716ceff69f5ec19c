// Keeps the screen on during a meeting, where the browser can.

/** Until the returned function is called. The browser lets go whenever the page is hidden. */
export function stayAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  let over = false;

  const hold = async () => {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    lock = await navigator.wakeLock.request("screen").catch(() => undefined); // low battery
    if (over) void lock?.release();
  };
  document.addEventListener("visibilitychange", hold);
  void hold();

  return () => {
    over = true;
    document.removeEventListener("visibilitychange", hold);
    void lock?.release();
  };
}
