import{a as E,b as f,c as C,d as R,e as M,f as H,g as L,h as I,i as W,j as T,k as j}from"./shared-house-house.js";import{a as b,b as w,c as x,d as $,e as k}from"./shared-i18n-en.js";import{a as g,b as d,e as p}from"./shared-lit-html-lit-html.js";import{a as S,d as _}from"./shared-ha-entities.js";var v=800,h=class{enabled=!0;#e;#n;#t=!1;#i=!1;#o=null;constructor(e,t=b){this.#e=e,this.#n=t}get isHolding(){return this.#o!==null}down(){this.#t||(this.#t=!0,this.#i=!1,this.enabled&&(this.#o=this.#n(()=>this.#r(),v),this.#e.changed()))}up(){let e=this.#t&&!this.#i;this.cancel(),e&&this.#e.pressed()}cancel(){let e=this.isHolding;this.#t=!1,this.#o?.(),this.#o=null,e&&this.#e.changed()}#r(){this.#o=null,this.#i=!0,this.#e.held(),this.#e.changed()}pointerdown=e=>{if(e.isPrimary&&e.button===0){let t=e.target;t.hasPointerCapture(e.pointerId)&&t.releasePointerCapture(e.pointerId),this.down()}};pointerup=()=>this.up();away=()=>this.cancel();keydown=e=>{z(e)?(e.preventDefault(),this.down()):e.key==="Escape"&&this.cancel()};keyup=e=>{z(e)&&(e.preventDefault(),this.up())};click=e=>{e.detail===0&&this.#e.pressed()};contextmenu=e=>{this.#t&&e.preventDefault()}};function z(n){return n.key==="Enter"||n.key===" "}var D='ha-card{--tone: var(--earshot-warn)}ha-card.closed{--tone: var(--earshot-good)}ha-card.open{--tone: var(--earshot-accent)}.hero{display:flex;gap:16px;align-items:center;min-height:112px;padding:16px;border-radius:16px;background:color-mix(in srgb,var(--tone) 14%,transparent)}.badge{display:grid;flex:none;place-items:center;width:72px;height:72px;border:3px solid color-mix(in srgb,var(--tone) 70%,var(--earshot-text));border-radius:50%}.unverified .badge{border-style:dashed}.badge ha-icon{--mdc-icon-size: 40px;color:color-mix(in srgb,var(--tone) 55%,var(--earshot-text))}.badge.active{animation:hear 1.6s ease-in-out infinite}@keyframes hear{50%{box-shadow:0 0 0 10px color-mix(in srgb,var(--tone) 25%,transparent)}}.words{min-width:0}.what{font-size:var(--ha-font-size-s, 12px)}.word{font-size:clamp(20px,7.5cqi,44px);overflow-wrap:anywhere;font-weight:500;line-height:1.1}.detail,.activity{margin-top:4px}.activity.active{font-weight:500}.mute{position:relative;display:flex;gap:12px;align-items:center;justify-content:center;width:100%;min-height:72px;padding:8px 16px;overflow:hidden;border:1px solid color-mix(in srgb,var(--earshot-text) 45%,transparent);border-radius:16px;font-size:var(--ha-font-size-xl, 20px);font-weight:500;touch-action:manipulation;-webkit-touch-callout:none;-webkit-user-select:none;user-select:none}.mute ha-icon{--mdc-icon-size: 28px}.mute:hover:not([aria-disabled=true]){background:color-mix(in srgb,currentcolor 6%,transparent)}.mute[aria-disabled=true]{border-style:dashed;cursor:default}.mute[aria-busy=true]{opacity:.7}.mute:before{position:absolute;inset:0;background:color-mix(in srgb,var(--earshot-accent) 30%,transparent);content:"";transform:scaleX(0);transform-origin:left}.mute.holding:before{transform:scaleX(1);transition:transform var(--hold) linear}.mute>*{position:relative}#below{min-height:1.4em;margin-top:6px;text-align:center}@container card (width >= 520px){.hero{min-height:136px}.badge{width:96px;height:96px}.badge ha-icon{--mdc-icon-size: 52px}dl{grid-template-columns:repeat(3,1fr)}}@media(prefers-reduced-motion:reduce){.badge.active{animation:none;outline:3px solid var(--tone);outline-offset:3px}.mute.holding:before{transition:none}}';function N(n){let{words:e,now:t,room:o,overview:i}=n,s=P(n);return{microphone:T(e,n.microphone,t),activity:s,isActive:O.includes(n.satellite?.state??""),note:j(e,o,n.muteLeftS),mute:F(n),facts:[{icon:"mdi:history",label:e.text("room.kept"),value:L(e,o)},{icon:"mdi:message-text-clock-outline",label:e.text("room.last_command"),value:K(n)},{icon:"mdi:sleep",label:e.text("room.false_wakes"),value:V(n)}],changes:I(i,o.room_id).map(r=>W(e,r,t))}}var O=["listening","processing","responding"];function P({words:n,satellite:e,microphone:t}){let o=e?.state??"";return O.includes(o)?n.one("activity",o,"room.not_known"):t.state==="on"?n.text("activity.waiting"):t.state==="off"?n.text("activity.deaf"):""}function F({words:n,room:e,minutes:t}){let o=e.muted===!0;return{muted:o,enabled:e.muted!==null&&!e.muted_at_device,icon:o?"mdi:microphone":"mdi:microphone-off",word:n.text(o?"mute.off":"mute.on"),hold:o?"":n.text("mute.hold",{time:n.duration(t*6e4)})}}function K({words:n,now:e,lastCommand:t,voiceCommand:o}){let i=Date.parse(t?.state??"");if(Number.isNaN(i))return n.text("room.none_yet");let s=String(o?.attributes.event_type??""),r=n.dayTime(i,e);return X.includes(s)?`${r} · ${n.one("outcome",s,"outcome.unknown")}`:r}var X=["understood","not_understood","failed"];function V({words:n,falseWakes:e}){let t=e?.state??"";return/^\d+$/.test(t)?n.number(Number(t)):n.text("room.not_known")}var G="earshot-room",J=30,q=3e4,Q=50,y=class extends ${static styles=[x,M,R,g(D)];layout;preview=!1;#e=null;#n=new E(()=>this.requestUpdate());#t=null;#i=new w;#o=[];#r=new h({pressed:()=>this.#m(),held:()=>this.#u(),changed:()=>this.requestUpdate()});setConfig(e){this.#e=e,this.requestUpdate()}get hass(){return super.hass}set hass(e){super.hass=e;let t=this.#a(e).states;t.some((o,i)=>o!==this.#o[i])&&(this.#o=t,this.requestUpdate())}enter(e){let t=()=>this.requestUpdate(),o=e.listen({changed:t,event:i=>{i.event==="receipt"&&i.room_id===this.#s?.room_id&&t()}});document.addEventListener("visibilitychange",t),this.#t=()=>{o(),document.removeEventListener("visibilitychange",t)}}leave(){this.#t?.(),this.#t=null,this.#r.cancel(),this.#i.stop()}get#s(){let e=this.house?.view.overview?.rooms??[],t=this.#e?.device;return t===void 0?e.length===1?e[0]??null:null:e.find(o=>o.device_id===t)??null}get#d(){return this.#e?.minutes??J}#a(e){let t=this.#s?.device_id??this.#e?.device??"",o=S(e.entities,t),i=[o.satellite,o.lastCommand,o.voiceCommand,o.falseWakes].map(s=>_(e,s));return{ids:o,states:i}}render(){let{words:e,house:t,hass:o}=this;if(!e||!t||!o)return d`<ha-card></ha-card>`;let{overview:i,state:s,error:r}=t.view,a=this.#s;if(!i||!a)return d`<ha-card>${H(e,this.#l(),r,this.#e?.name)}</ha-card>`;let[c=null,m=null,A=null,B=null]=this.#a(o).states,l=N({words:e,now:Date.now(),overview:i,room:a,microphone:t.microphone(a),muteLeftS:t.muteLeftS(a),satellite:c,lastCommand:m,voiceCommand:A,falseWakes:B,minutes:this.#d});return this.#p(t.validS(a)),this.#r.enabled=l.mute.hold!=="",d`
      <ha-card class=${l.microphone.shown}>
        <div class="all">
          <h2>${this.#e?.name??a.name}</h2>
          ${this.#c(l)}
          ${this.#h(l.mute,l.note,s!=="ready",this.#n.error??r)}
          <dl>
            ${l.facts.map(u=>d`<div>
                <dt><ha-icon .icon=${u.icon}></ha-icon>${u.label}</dt>
                <dd>${u.value}</dd>
              </div>`)}
          </dl>
          ${C(e,l.changes)}
        </div>
      </ha-card>
    `}#l(){let{state:e,overview:t}=this.house?.view??{state:"loading",overview:null};return t?t.rooms.length===0?"no_rooms":this.#e?.device===void 0?"choose":"gone":e==="ready"?"loading":e}#c({microphone:e,activity:t,isActive:o}){return d`
      <div class="hero" role="status" aria-atomic="true">
        <span class="badge ${o?"active":""}">
          <ha-icon .icon=${e.icon}></ha-icon>
        </span>
        <div class="words">
          <p class="what">${this.words?.text("mic.name")}</p>
          <p class="word">${e.word}</p>
          <p class="detail">${e.detail}</p>
          ${t?d`<p class="activity ${o?"active":""}">${t}</p>`:p}
        </div>
      </div>
    `}#h(e,t,o,i){let{words:s}=this,r=this.#r,a=this.#n.isBusy("mute"),c=!e.enabled||o,m=i&&s?s.error(i):t||(c?"":e.hold);return d`
      <div class="control">
        <button
          class="mute ${e.muted?"muted":""} ${r.isHolding?"holding":""}"
          style="--hold:${v}ms"
          aria-describedby="below"
          aria-disabled=${c}
          aria-busy=${a}
          @pointerdown=${r.pointerdown}
          @pointerup=${r.pointerup}
          @pointerleave=${r.away}
          @pointercancel=${r.away}
          @keydown=${r.keydown}
          @keyup=${r.keyup}
          @blur=${r.away}
          @click=${r.click}
          @contextmenu=${r.contextmenu}
        >
          <ha-icon .icon=${e.icon}></ha-icon>
          <span>${e.word}</span>
        </button>
        <p id="below" class=${i?"error":""} role=${i?"alert":p}>${m}</p>
      </div>
    `}#m=()=>{let e=this.#s,{hass:t}=this;if(!e||!t||e.muted===null||e.muted_at_device)return;let{mute:o}=this.#a(t).ids;this.#n.run("mute",async()=>this.house?.api.mute(f(o),!e.muted))};#u=()=>{let{hass:e}=this,t=e?this.#a(e).ids.satellite:null;this.#n.run("mute",async()=>this.house?.api.muteFor(f(t),this.#d))};#p(e){let t=e>0?e*1e3+Q:q;this.#i.after("tick",Math.min(q,t),()=>this.requestUpdate())}};k(G,y);export{y as RoomElement,G as element};
