import "@rrweb/replay/dist/style.css";
import "../features/replay/player.css";
import { Player } from "../features/replay/player";

const page = document.getElementById("page");
if (page) new Player(page, window).listen();
