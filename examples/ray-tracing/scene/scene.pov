// A ball that jumps between mirrors, once for a clock from 0 to 1.
#version 3.7;
global_settings { assumed_gamma 1.0 max_trace_level 8 }
#declare height = 4 * clock * (1 - clock);

camera { location <0, 2.6, -6.5> look_at <0, 1.1, 0> angle 48 }
light_source { <6, 9, -7> color rgb <1, 0.95, 0.85> }
light_source { <-7, 5, -4> color rgb <0.25, 0.3, 0.45> shadowless }
sky_sphere { pigment { gradient y color_map { [0 rgb <0.85, 0.9, 1>] [1 rgb <0.15, 0.35, 0.8>] } } }

plane {
  y, 0
  pigment { checker color rgb <0.95, 0.95, 0.92> color rgb <0.12, 0.2, 0.35> }
  finish { reflection 0.15 diffuse 0.8 }
}
#declare mirror = finish { reflection 0.75 diffuse 0.15 specular 0.9 roughness 0.005 };
sphere { <-2.1, 1, 1.2>, 1 pigment { color rgb <0.9, 0.9, 0.95> } finish { mirror } }
sphere { <2.1, 1, 1.2>, 1 pigment { color rgb <0.95, 0.8, 0.45> } finish { mirror } }
sphere {
  <0, 0.7 + 1.6 * height, -0.4>, 0.7
  pigment { color rgb <0.85, 0.12, 0.1> }
  finish { reflection 0.2 diffuse 0.75 specular 0.6 roughness 0.02 }
}
