import "@fontsource-variable/inter/wght.css";
import "./app.css";
import "./panels.css";

import { mount } from "svelte";

import App from "./App.svelte";

// Who joins a meeting does not wait for what only its preparation needs.
const Page =
  location.pathname === "/prepare" ? (await import("./pages/PreparePage.svelte")).default : App;

const target = document.getElementById("app");
if (target) mount(Page, { target });
