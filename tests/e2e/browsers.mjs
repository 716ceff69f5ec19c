// Debian's browsers, each participant one process of its own: only the page in front runs at full
// speed, and fake cameras are a matter of the whole process.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
import { fakes, SCREEN, shareFakeScreen } from './fakes.mjs'
import { watchConnections } from './probe.mjs'

const FAKES = join(tmpdir(), `parley-fakes-${process.getuid()}`)

const AT = fileURLToPath(new URL('chromium-at', import.meta.url))

/** Tone of Firefox's own fake microphone. */
export const FIREFOX_HZ = 1320

const running = new Set()

/** Chromium with the camera and microphone of a colour of the cast, or with neither (no colour).
 * `permitted: false` refuses them to every page, as a user who clicks on "Block". `args`: more words
 * on its command line. `net`: a process in whose network namespace it runs. */
export async function chromium(colour, { permitted = true, args = [], net } = {}) {
  const devices = []
  if (colour) {
    const { camera, microphone } = fakes(FAKES, colour)
    devices.push('--use-fake-device-for-media-stream')
    devices.push(`--use-file-for-fake-video-capture=${camera}`, `--use-file-for-fake-audio-capture=${microphone}`)
    if (permitted) devices.push('--use-fake-ui-for-media-stream')
  }
  const browser = await open({
    browser: 'chrome',
    ...(net
      ? { executablePath: AT, pipe: true, env: { ...process.env, PARLEY_NET_OF: String(net) } }
      : { executablePath: '/usr/bin/chromium' }),
    args: [
      ...devices,
      ...args,
      '--no-sandbox', // the tests run as root too, and in containers
      '--autoplay-policy=no-user-gesture-required',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-dev-shm-usage',
      '--window-size=1280,800',
    ],
  })
  // Nothing is granted to any page: whatever it asks for is refused without a question.
  if (!permitted) await browser.page.createCDPSession().then((cdp) => cdp.send('Browser.grantPermissions', { permissions: [] }))
  return browser
}

/** Firefox with its own fake camera and microphone. */
export async function firefox() {
  return open({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.audio.fake_frequency': FIREFOX_HZ,
      'media.navigator.permission.disabled': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.autoplay.default': 0,
      'remote.active-protocols': 1,
      'network.proxy.type': 0,
      'app.update.enabled': false,
      'services.settings.server': 'data:,#remote-settings-dummy/v1',
      'media.gmp-manager.updateEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'toolkit.telemetry.enabled': false,
      'datareporting.policy.dataSubmissionEnabled': false,
    },
  })
}

async function open(options) {
  const profile = mkdtempSync(join(tmpdir(), 'parley-profile-'))
  const driver = await puppeteer.launch({
    headless: true,
    userDataDir: profile,
    defaultViewport: { width: 1280, height: 800 },
    protocolTimeout: 60_000,
    timeout: 60_000,
    ...options,
  })
  const [page] = await driver.pages()
  const browser = new Browser(driver, page, profile)
  page.on('console', (message) => browser.log.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => browser.log.push(`error: ${error.message}`))
  await page.evaluateOnNewDocument(watchConnections)
  await page.evaluateOnNewDocument(shareFakeScreen, SCREEN)
  running.add(browser)
  return browser
}

class Browser {
  log = []

  constructor(driver, page, profile) {
    this.driver = driver
    this.page = page
    this.profile = profile
  }

  /** As a person closes it: the page has time to say that it goes. */
  async close() {
    const ended = this.ended()
    await Promise.race([this.driver.close().catch(() => {}), wait(5_000)])
    await this.kill(ended)
  }

  /** At once, with all of its processes. */
  async kill(ended = this.ended()) {
    running.delete(this)
    try {
      process.kill(-this.driver.process().pid, 'SIGKILL') // puppeteer makes it the first of its group
    } catch {
      // it has ended
    }
    await Promise.race([ended, wait(5_000)])
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  ended() {
    const child = this.driver.process()
    return new Promise((resolve) => ((child.exitCode ?? child.signalCode) === null ? child.once('exit', resolve) : resolve()))
  }
}

/** Ends whatever still runs: nobody is left who would hear that they go. */
export async function closeAll() {
  await Promise.all([...running].map((browser) => browser.kill()))
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref())
