// A curve that lives through updates: uPlot gets new rows, its node, zoom and cursor stay.
// `uPlot` itself is above this file: live_chart.py puts the two together.

const charts = new WeakMap();

function options(data, root, width) {
    const style = getComputedStyle(root);
    const text = style.getPropertyValue("--st-text-color");
    const border = style.getPropertyValue("--st-border-color");
    const font = "12px " + style.getPropertyValue("--st-font");
    const axis = { stroke: text, font, grid: { stroke: border, width: 1 }, ticks: { show: false } };
    const format = (value) =>
        value == null ? "–" : data.percent ? (100 * value).toFixed(2) + " %" : value.toPrecision(4);
    const short = (value) =>
        value == null ? "" : data.percent ? +(100 * value).toFixed(4) + " %" : +value.toPrecision(3) + "";
    return {
        width,
        height: data.height,
        padding: [8, 12, 0, 0],
        scales: {
            x: { time: false, range: (u, low, high) => (u.zoomed ? [low, high] : [0, data.total]) },
            y: { distr: data.log ? 3 : 1 },
        },
        axes: [
            { ...axis, size: 30, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
            { ...axis, size: 58, values: (u, ticks) => ticks.map(short) },
        ],
        series: [
            { label: "epoch", value: (u, value) => (value == null ? "–" : +value.toFixed(2) + "") },
            ...data.series.map((line) => ({
                label: line.name,
                stroke: line.colour,
                width: line.width,
                dash: line.dash,
                spanGaps: true,
                points: { show: false },
                value: (u, value) => format(value),
            })),
        ],
        cursor: { drag: { x: true, y: false }, points: { size: 8 } },
        hooks: {
            setSelect: [(u) => { u.zoomed = u.select.width > 0; }],
            draw: [(u) => events(u, text, font)],
        },
    };
}

// Dashed lines where something happened: "learning rate halved", "resumed after epoch 7".
function events(u, colour, font) {
    const context = u.ctx;
    context.save();
    context.strokeStyle = context.fillStyle = colour;
    context.globalAlpha = 0.6;
    context.font = font.replace("12px", 10 * devicePixelRatio + "px");
    context.textAlign = "right";
    for (const [epoch, message] of u.events) {
        const x = u.valToPos(epoch, "x", true);
        if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
        context.setLineDash([4, 4]);
        context.beginPath();
        context.moveTo(x, u.bbox.top);
        context.lineTo(x, u.bbox.top + u.bbox.height);
        context.stroke();
        context.translate(x - 3, u.bbox.top);
        context.rotate(-Math.PI / 2);
        context.fillText(message, 0, 0, u.bbox.height);
        context.setTransform(1, 0, 0, 1, 0, 0);
    }
    context.restore();
}

function make(root, data) {
    const place = root.querySelector(".plot");
    const chart = new uPlot(options(data, root, place.clientWidth || 320), data.columns, place);
    chart.zoomed = false;
    for (const label of [...chart.root.querySelectorAll(".u-series th")].slice(1)) { // a click shows or hides its line
        label.tabIndex = 0;
        label.role = "button";
        label.onkeydown = (event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            label.click();
        };
    }
    chart.root.addEventListener("dblclick", () => { chart.zoomed = false; });
    return chart;
}

export default ({ parentElement, data }) => {
    const root = parentElement.querySelector(".curve");
    const names = data.series.map((line) => line.name);
    const look = JSON.stringify([data.total, data.log, data.height, names, getComputedStyle(root).color]);
    let kept = charts.get(root);
    if (!kept || kept.look !== look) {
        kept?.chart.destroy();
        kept?.observer.disconnect();
        const chart = make(root, data);
        const observer = new ResizeObserver(() => {
            const width = root.querySelector(".plot").clientWidth;
            if (width) chart.setSize({ width, height: data.height });
        });
        observer.observe(root);
        kept = { chart, look, observer };
        charts.set(root, kept);
    }
    const chart = kept.chart, canvas = chart.ctx.canvas;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", data.alt);
    chart.events = data.events;
    const { min, max } = chart.scales.x;
    chart.batch(() => {
        chart.setData(data.columns, !chart.zoomed);
        if (chart.zoomed) chart.setScale("x", { min, max });
    });
    root.querySelector("a").onclick = (event) => {
        event.currentTarget.href = canvas.toDataURL("image/png");
    };
};
