import "@fontsource-variable/inter/wght.css";
import "./app.css";
import "./panels.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { theme } from "./lib/theme.svelte";
import { beginLanguage } from "./texts";

theme.apply();

// Who joins a meeting does not wait for what only its preparation, or what comes after it, needs.
async function page() {
  if (location.pathname === "/prepare") return (await import("./pages/PreparePage.svelte")).default;
  if (location.pathname === "/login") return (await import("./pages/LoginPage.svelte")).default;
  if (location.pathname === "/enrol") return (await import("./pages/EnrolPage.svelte")).default;
  if (location.pathname === "/accounts") return (await import("./pages/AccountsPage.svelte")).default;
  if (location.pathname === "/verify") return (await import("./pages/VerifyPage.svelte")).default;
  if (location.pathname === "/design") return (await import("./pages/DesignPage.svelte")).default;
  return App;
}

const [Page] = await Promise.all([page(), beginLanguage()]);
const target = document.getElementById("app");
if (target) mount(Page, { target });
