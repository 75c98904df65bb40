// Frames one can play, or walk through with a slider, all in the browser: the engine has made them before.

const players = new WeakMap();
const PACE = 160; // milliseconds a frame

function curve(svg, share, at) {
    const x = (i) => 4 + (292 * i) / Math.max(1, share.length - 1), y = (value) => 66 - 60 * value;
    const points = share.map((value, i) => `${x(i)},${y(value)}`).join(" ");
    svg.innerHTML = `<line x1="4" x2="296" y1="66" y2="66"/><polyline points="${points}"/>`
        + `<circle cx="${x(at)}" cy="${y(share[at])}" r="5"/>`;
}

function show(player, at) {
    const { root, data } = player;
    player.at = Math.max(0, Math.min(data.captions.length - 1, at));
    data.rows.forEach((row, i) => {
        root.querySelectorAll(".large img")[i].src = row.frames[player.at];
    });
    root.querySelector("input").value = player.at;
    root.querySelector(".caption").textContent = data.captions[player.at];
    root.querySelectorAll(".strip button").forEach((button, i) => {
        button.setAttribute("aria-pressed", i === player.at);
    });
    if (data.share.length) curve(root.querySelector("svg"), data.share, player.at);
}

function stop(player) {
    clearInterval(player.timer);
    player.timer = null;
    player.root.querySelector(".play").textContent = "▶ Play";
}

function play(player) {
    const last = player.data.captions.length - 1;
    if (player.at >= last) show(player, 0);
    player.root.querySelector(".play").textContent = "❚❚ Pause";
    player.timer = setInterval(() => {
        show(player, player.at + 1);
        if (player.at >= last) stop(player);
    }, PACE);
}

function build(player) {
    const { root, data } = player;
    const large = root.querySelector(".large"), strip = root.querySelector(".strip");
    large.replaceChildren(...data.rows.map((row) => {
        const figure = document.createElement("figure"), image = document.createElement("img");
        const words = document.createElement("figcaption");
        image.alt = words.textContent = row.name;
        figure.append(image, words);
        return figure;
    }));
    strip.replaceChildren(...(data.strip ? data.captions : []).map((caption, i) => {
        const button = document.createElement("button");
        button.title = caption;
        button.setAttribute("aria-label", caption);
        button.onclick = () => { stop(player); show(player, i); };
        button.append(...data.rows.map((row) => {
            const image = document.createElement("img");
            image.src = row.frames[i];
            image.alt = "";
            return image;
        }));
        return button;
    }));
    root.querySelector("svg").toggleAttribute("hidden", !data.share.length);
    root.querySelector(".wide").textContent = data.share.length ? data.about : "";
    root.classList.toggle("smooth", data.smooth);
    const slider = root.querySelector("input");
    slider.max = data.captions.length - 1;
    slider.setAttribute("aria-label", data.label);
    slider.oninput = () => { stop(player); show(player, +slider.value); };
    root.querySelector(".play").onclick = () => { player.timer ? stop(player) : play(player); };
}

export default ({ parentElement, data }) => {
    const root = parentElement.querySelector(".film");
    let player = players.get(root);
    if (!player) {
        player = { root, at: 0, timer: null, film: null };
        players.set(root, player);
    }
    player.data = data;
    if (player.film !== data.film) {
        const first = player.film === null || !data.keep;
        player.film = data.film;
        stop(player);
        build(player);
        show(player, first ? data.start : player.at);
    }
    return () => clearInterval(player.timer);
};
